import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { hasPackagedChromium, unpackChromium } from './packaged-chromium'

/**
 * Every test machine of this kind has a GPU: SwiftShader, the one in software that comes with the packaged Chromium.
 * On others the tests that need a device use the machine's own, and do not apply where it has none.
 */
export const mustHaveGpu = hasPackagedChromium

/** What a process must be started with to find that GPU and no other. */
export async function softwareGpuEnvironment(): Promise<Record<string, string>> {
  const folder = await unpackChromium()
  return { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json') }
}

/** vitest calls it before it starts the processes of the project. */
export async function setup(project: TestProject): Promise<void> {
  if (mustHaveGpu) project.config.env = { ...project.config.env, ...(await softwareGpuEnvironment()) }
}
