import { elements } from '../../../graph'
import type { Step, Term } from './emitter'

export interface Scratch {
  /** Bytes of each scratch buffer, the largest first. */
  readonly sizes: readonly number[]
  /** Which one a term lives in. */
  readonly places: ReadonlyMap<Term, number>
}

/** The smallest free buffer that is large enough, else the largest, which then grows; undefined where none is free. */
function choose(free: readonly number[], sizes: readonly number[], size: number): number | undefined {
  const bySize = free.toSorted((a, b) => (sizes[a] as number) - (sizes[b] as number))
  return bySize.find((i) => (sizes[i] as number) >= size) ?? bySize.at(-1)
}

/**
 * Buffers for the terms that live in no slot, used again as soon as the last step that reads one has been made. Never
 * within a step: what it reads and what it writes must not share a buffer.
 */
export function planScratch(steps: readonly Step[], lives: (term: Term) => boolean): Scratch {
  const lastUse = new Map<Term, number>()
  steps.forEach(({ terms }, i) => terms.filter(lives).forEach((term) => lastUse.set(term, i)))
  const sizes: number[] = []
  const places = new Map<Term, number>()
  const free = new Set<number>()
  steps.forEach(({ terms }, i) => {
    const mine = terms.filter(lives)
    for (const term of mine.filter((t) => !places.has(t))) {
      const size = elements(term.shape) * 4
      const chosen = choose([...free], sizes, size) ?? sizes.length
      sizes[chosen] = Math.max(sizes[chosen] ?? 0, size)
      places.set(term, chosen)
      free.delete(chosen)
    }
    for (const term of mine) if (lastUse.get(term) === i) free.add(places.get(term) as number)
  })
  return sortBySize({ sizes, places })
}

/** The largest first: programs that share buffers by number then share well. */
function sortBySize({ sizes, places }: Scratch): Scratch {
  const order = sizes.map((_, i) => i).sort((a, b) => (sizes[b] as number) - (sizes[a] as number))
  const rank = new Map(order.map((index, i) => [index, i]))
  return {
    sizes: order.map((i) => sizes[i] as number),
    places: new Map([...places].map(([term, i]) => [term, rank.get(i) as number])),
  }
}
