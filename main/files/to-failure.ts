import { z } from 'zod'
import type { Failure } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import { HostError } from './host-error'
import { firstLine, fromSystemError, isSystemError } from './system-errors'

function withDetails(code: string, message: string, details: Readonly<Record<string, unknown>>): Failure {
  return Object.keys(details).length === 0 ? { code, message } : { code, message, details: { ...details } }
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`)).join('')
}

function fromZod(error: z.core.$ZodError, where: string): Failure {
  const issues = error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message }))
  const first = issues[0] ?? { path: '', message: 'another value' }
  const field = first.path === '' ? '' : ` in "${first.path}"`
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const message = `${where}: expected valid values, got a fault${field}: ${first.message}${more}; correct it and try again`
  return { code: 'invalid-input', message, details: { issues } }
}

/** V8 reports a failed allocation as a RangeError, told apart only by its words. */
function isAllocationFailure(error: unknown): boolean {
  return error instanceof RangeError && /allocation failed|invalid (typed )?array (buffer )?length/i.test(error.message)
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function fromUnknown(error: unknown, where: string): Failure {
  const words = firstLine(error instanceof Error ? error.message : String(error)) || 'an error without words'
  return {
    code: 'internal',
    message: `${where}: expected this to work, got an internal error (${words}); try again, and report it if it stays`,
  }
}

/**
 * Any thrown value as what a person is shown and a program can rely on: one message, a stable code, no stack trace.
 * `where` names the place for errors that do not name their own.
 */
export function toFailure(error: unknown, where = 'Graft Studio'): Failure {
  if (error instanceof GraftError || error instanceof HostError) {
    return withDetails(error.code, error.message, error.details)
  }
  if (error instanceof z.core.$ZodError) return fromZod(error, where)
  if (isSystemError(error)) return toFailure(fromSystemError(error, error.path ?? where))
  if (isAbort(error)) {
    return { code: 'cancelled', message: `${where}: expected to finish, got cancelled; start it again if you need it` }
  }
  if (isAllocationFailure(error)) {
    const advice = 'close other programs or choose a smaller task'
    return { code: 'out-of-memory', message: `${where}: expected enough memory, got a failed allocation; ${advice}` }
  }
  return fromUnknown(error, where)
}
