import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os'
import { describeCpuOnnx } from '../../../engine/backends/cpu-onnx'
import type { JobHandler } from '../job-context'

/** What this machine offers, as seen from where the work is done: that the native library loads is half the answer. */
export const doctor: JobHandler = async (_payload, { residentBytes }) => {
  const { library, version, provider } = describeCpuOnnx()
  return {
    state: 'done',
    result: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      system: release(),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      threads: availableParallelism(),
      memoryTotal: totalmem(),
      memoryFree: freemem(),
      workerBytes: residentBytes(),
      library: `${library} ${version}`,
      providers: [provider],
    },
  }
}
