import { HostError } from '../files'
import type { Job } from './job'

/**
 * What a short job brought.
 * @throws HostError with the job's own failure, or `cancelled`
 */
export async function resultOf(job: Job): Promise<Readonly<Record<string, unknown>>> {
  const { state, failure, result } = await job.done
  if (failure) throw new HostError(failure.code, failure.message, failure.details)
  if (state === 'done') return result ?? {}
  throw new HostError('cancelled', `job (${job.kind}): expected an outcome, but it was ${state}; start it again`, {
    state,
  })
}
