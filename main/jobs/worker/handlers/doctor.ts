import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os'
import { toFailure } from '../../../files'
import { libraryAdvice } from '../checkup/library-advice'
import { testBackend } from '../checkup/self-test'
import { batchOfExamples, whatFits } from '../checkup/what-fits'
import type { JobContext, JobHandler } from '../job-context'

const platform = `${process.platform}-${process.arch}`

/**
 * The library that computes, as seen from where the work is done. What is wrong with it is the answer here, not a failure
 * of the question.
 */
async function examineLibrary({ clock }: JobContext, threads: number): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { cpuOnnxBackend, describeCpuOnnx } = await import('../../../engine/backends/cpu-onnx')
    const { library, version, provider } = describeCpuOnnx()
    const flops = await testBackend(cpuOnnxBackend, threads, clock)
    return { library: `${library} ${version}`, providers: [provider], flops }
  } catch (error) {
    const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    const message = `onnxruntime: expected a library that loads and computes, got: ${words}; ${libraryAdvice(words, platform)}`
    return { problem: { ...toFailure(error), code: 'library-broken', message } }
  }
}

/** What this machine offers: that the native library loads and multiplies is half the answer. */
export const doctor: JobHandler = async (_payload, context) => {
  const threads = availableParallelism()
  const free = freemem()
  return {
    state: 'done',
    result: {
      node: process.version,
      platform,
      system: release(),
      cpu: cpus()[0]?.model.trim() || 'unknown',
      threads,
      memoryTotal: totalmem(),
      memoryFree: free,
      workerBytes: context.residentBytes(),
      ...(await examineLibrary(context, threads)),
      fits: whatFits(free),
      batch: batchOfExamples,
    },
  }
}
