import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { SystemInfo } from '../../preload/contract'

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** The machine as a person wants to know it. Sizes in bytes; `diskFree` is of the disk that holds the workspace. */
export async function systemInfo(workspace: string, version: string): Promise<SystemInfo> {
  return {
    version,
    workspace,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() || process.arch,
    threads: availableParallelism(),
    memoryTotal: totalmem(),
    memoryFree: freemem(),
    diskFree: await freeBytes(workspace),
  }
}
