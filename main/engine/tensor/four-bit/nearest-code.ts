import { codebooks, type Codebook, type FourBitType } from './codebooks'

/** Bins of a unit's length: so fine that no bin holds two thresholds. */
const FINENESS = 2048

/** How many thresholds lie below a number: the place of its nearest code in ascending order. */
const rankOf = ({ thresholds }: Codebook, x: number): number => thresholds.filter((threshold) => x > threshold).length

/**
 * The code nearest to a number of [-1, 1]. One look-up by bin and one comparison in place of a search: a model has
 * hundreds of millions of weights.
 */
function createNearestCode(book: Codebook): (x: number) => number {
  const { thresholds } = book
  // Two bins more: 1 itself, and what rounding puts beyond it.
  const lowest = Uint8Array.from({ length: 2 * FINENESS + 2 }, (_, bin) => rankOf(book, bin / FINENESS - 1))
  const ascending = Uint8Array.from([...book.ascending, book.ascending[15]!])
  const limits = Float32Array.from([...thresholds, Infinity])
  return (x) => {
    const rank = lowest[((x + 1) * FINENESS) | 0]!
    return ascending[x > limits[rank]! ? rank + 1 : rank]!
  }
}

export const nearestCode: Readonly<Record<FourBitType, (x: number) => number>> = {
  nf4: createNearestCode(codebooks.nf4),
  fp4: createNearestCode(codebooks.fp4),
}
