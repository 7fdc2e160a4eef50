import type { Backend } from '../../plan'
import { openDevice } from './device'
import { createExecutor } from './executor'

export { describeGpuWgsl, type AdapterInfo } from './device'

/**
 * Any vendor's GPU through WebGPU: a plan's segments become dispatches of our own compute shaders, in float32.
 * @param flags Dawn's own, for example `backend=null`, which checks shaders and bindings without a GPU
 */
export const gpuWgslBackend = (flags: readonly string[] = []): Backend => ({
  name: 'gpu-wgsl',
  open: async () => createExecutor(await openDevice(flags)),
})
