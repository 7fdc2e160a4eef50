/** Default rows of a loss-head chunk: measured, larger ones gain no speed and cost twice rows × vocabulary × 4 bytes. */
export const HEAD_ROWS = 128

/**
 * The loss head runs over chunks of rows, so that the logits of a large vocabulary never stand in memory at once.
 * The chunk is the largest divisor of the rows up to `target`: one graph for all chunks.
 */
export function headChunk(rows: number, target: number): number {
  for (let size = Math.min(rows, target); size > 1; size--) if (rows % size === 0) return size
  return 1
}
