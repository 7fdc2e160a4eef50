import { GraftError } from '../../errors'

/**
 * The padded length T for a batch whose longest row has `length` tokens: a multiple of 16 up to 64, of 32 up to 256,
 * and from there on of an eighth of the next power of two, but never more than `maxLength`.
 *
 * Every distinct length makes a back end compile its sessions or pipelines once more, every padded token costs a
 * token's work. Four lengths an octave keep both small: 18 lengths up to 1024 tokens, and about a tenth of padding.
 * @throws GraftError 'invalid-argument' where the row is longer than `maxLength`.
 */
export function bucketLength(length: number, maxLength: number): number {
  if (length > maxLength) {
    const message = `batch length: expected at most ${maxLength} tokens, got ${length}; truncate the rows first`
    throw new GraftError('invalid-argument', message)
  }
  const step = stepFor(Math.max(1, length))
  return Math.min(maxLength, Math.max(1, Math.ceil(length / step)) * step)
}

function stepFor(length: number): number {
  if (length <= 64) return 16
  return Math.max(32, 2 ** Math.ceil(Math.log2(length)) / 8)
}
