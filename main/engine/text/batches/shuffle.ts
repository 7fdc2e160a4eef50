import type { Rng } from '../../rng'

/** The indices 0..count-1 in random order (Fisher-Yates). */
export function shuffledIndices(count: number, rng: Rng): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1)
    const swapped = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = swapped
  }
  return order
}
