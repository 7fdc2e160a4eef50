import { env } from 'onnxruntime-node'
import type { Backend } from '../../plan'
import { openExecutor } from './executor'

/** The CPU through onnxruntime: a plan's segments become ONNX models that equal layers share. */
export const cpuOnnxBackend: Backend = { name: 'cpu-onnx', open: async (options) => openExecutor(options) }

/** For `doctor`: what the library says about itself. */
export function describeCpuOnnx(): { readonly library: string; readonly version: string; readonly provider: string } {
  return { library: 'onnxruntime', version: env.versions.node ?? env.versions.common, provider: 'cpu' }
}
