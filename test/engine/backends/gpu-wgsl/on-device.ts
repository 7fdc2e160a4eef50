import { describe } from 'vitest'
import { describeGpuWgsl } from '../../../../main/engine/backends/gpu-wgsl'
import { mustHaveGpu } from '../../../helpers/software-gpu'

const device = mustHaveGpu ? undefined : await describeGpuWgsl().catch(() => undefined)

/** Tests that need a device: everywhere on Linux x64, which has one in software; elsewhere where the machine has its own. */
export const onDevice = describe.runIf(mustHaveGpu || device !== undefined)
