import { isDefinedError, ORPCError } from '@orpc/client'
import type { Failure } from '../../preload/contract'

/** A failure's message in its two parts: what happened (and where), and what to do about it. */
export interface FailureParts {
  readonly what: string
  readonly advice: string
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value

/** What any caught value means to a person: the service's own failure, or one of the few ways in which a call breaks. */
export function toFailure(error: unknown): Failure {
  if (error instanceof ORPCError) {
    if (isDefinedError(error) && isFailure(error.data)) return error.data
    if (error.status === 401 || error.status === 403) return { code: 'not-allowed', message: error.message }
    return { code: 'unexpected', message: error.message }
  }
  if (error instanceof TypeError) return { code: 'connection-lost', message: error.message }
  return { code: 'unexpected', message: error instanceof Error ? error.message : String(error) }
}

/** A sentence with its `{names}` replaced by what a failure tells; undefined where it does not tell one of them. */
export function fillSentence(sentence: string, details: Readonly<Record<string, unknown>>): string | undefined {
  const isTold = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'
  const names = [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  if (!names.every((name) => isTold(details[name]))) return undefined
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name]))
}

/** Splits `where: expected X, got Y; what to do`. Text without advice comes back whole as `what`. */
export function splitFailure(message: string): FailureParts {
  const semicolon = message.lastIndexOf('; ')
  if (semicolon < 0) return { what: message, advice: '' }
  return { what: message.slice(0, semicolon), advice: message.slice(semicolon + 2) }
}
