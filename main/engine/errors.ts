/** Codes are stable: programs and translations may rely on them. */
export type ErrorCode =
  | 'invalid-argument'
  | 'shape-mismatch'
  | 'unsupported'
  | 'checkpoint-header'
  | 'checkpoint-missing'
  | 'checkpoint-mismatch'
  | 'config-invalid'
  | 'architecture-unknown'
  | 'tokenizer-invalid'
  | 'template-failed'
  | 'dataset-empty'
  | 'dataset-unmapped'
  | 'dataset-row'
  | 'labels-unfit'
  | 'label-unknown'
  | 'training-diverged'
  | 'generation-failed'
  | 'export-failed'
  | 'resume-impossible'
  | 'cancelled'
  | 'device-unavailable'
  | 'device-failed'

export type ErrorDetails = Readonly<Record<string, unknown>>

/**
 * The engine's error. The message has the form *where: expected X, got Y; what to do* and is meant for a person;
 * `details` is plain JSON.
 */
export class GraftError extends Error {
  override readonly name = 'GraftError'
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message)
  }
}
