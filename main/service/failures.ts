import { ORPCError } from '@orpc/server'
import { ValidationError } from '@orpc/contract'
import type { Failure } from '../../preload/contract'
import { toFailure } from '../files'

type Issue = ValidationError['issues'][number]

function describe({ path = [], message }: Issue): string {
  const name = path.map((key) => String(typeof key === 'object' ? key.key : key)).join('.')
  return name ? `${name}: ${message}` : message
}

/** What the contract's schema says of a request that does not fit it. */
function invalidInput(cause: ValidationError): Failure {
  const message = `request: ${cause.issues.map(describe).join('; ')}`
  return { code: 'invalid-argument', message, details: { issues: cause.issues.map(describe) } }
}

/** The one translation of errors at the API: whatever was thrown becomes FAILURE with a Failure as its data. */
export function toApiError(error: unknown): ORPCError<string, unknown> {
  if (error instanceof ORPCError) {
    const badInput = error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError
    return badInput ? failureError(invalidInput(error.cause as ValidationError)) : error
  }
  return failureError(toFailure(error))
}

function failureError(failure: Failure): ORPCError<'FAILURE', Failure> {
  return new ORPCError('FAILURE', { defined: true, status: 422, message: failure.message, data: failure })
}

/** Events whose errors are translated too: by the time they come, the call itself has long returned. */
export async function* translateErrors<T>(events: AsyncIterable<T>): AsyncGenerator<T, void> {
  try {
    yield* events
  } catch (error) {
    throw toApiError(error)
  }
}
