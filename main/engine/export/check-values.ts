import { GraftError } from '../errors'
import type { WritableFloatDtype } from '../tensor'

/** The smallest magnitude that rounds to infinity: half a step above the largest number. */
const overflow: Record<WritableFloatDtype, number> = {
  F32: Infinity,
  F16: 65520,
  BF16: 2 ** 128 - 2 ** 119,
}

/**
 * Returns the values if each is a number that the type can hold.
 * @throws GraftError `export-failed`: a file of infinities would load everywhere and answer nothing
 */
export function checkValues(tensor: string, dtype: WritableFloatDtype, values: Float32Array): Float32Array {
  const limit = overflow[dtype]
  const bad = values.find((value) => !(Math.abs(value) < limit))
  if (bad === undefined) return values
  const finite = Number.isFinite(bad)
  const got = finite ? `${bad}, too large for ${dtype}` : `${bad}`
  const advice = finite ? 'export as BF16 or F32' : 'the training diverged, export an earlier checkpoint'
  const message = `export: ${tensor}: expected numbers of type ${dtype}, got ${got}; ${advice}`
  throw new GraftError('export-failed', message, { tensor, dtype })
}
