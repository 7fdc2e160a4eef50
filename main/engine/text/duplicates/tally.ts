/** How often each number occurs in a list. */
export interface Tally {
  /** How many different ones there are. */
  readonly distinct: number
  count(value: number): number
  /** Each number once, ascending, with how often it occurs. */
  entries(): Iterable<readonly [value: number, count: number]>
}

/**
 * Counts by sorting: of a million numbers that takes a tenth of the time of a Map, which also refuses more than 16
 * million. NaN, which is no number, is not counted.
 */
export function tally(values: ArrayLike<number>): Tally {
  const sorted = Float64Array.from(values).sort()
  // NaN is sorted behind everything else.
  const length = firstPlace(sorted, (value) => Number.isNaN(value))
  function* entries(): Generator<readonly [number, number]> {
    for (let from = 0; from < length;) {
      const value = sorted[from] as number
      let end = from + 1
      while (end < length && sorted[end] === value) end++
      yield [value, end - from]
      from = end
    }
  }
  let distinct = 0
  for (let at = 0; at < length; at++) if (at === 0 || sorted[at] !== sorted[at - 1]) distinct++
  return {
    distinct,
    count: (value) =>
      firstPlace(sorted, (other) => !(other <= value)) - firstPlace(sorted, (other) => !(other < value)),
    entries,
  }
}

/** The first place from which on all values pass, in a list where these come last. */
function firstPlace(sorted: Float64Array, passes: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(sorted[middle] as number)) high = middle
    else low = middle + 1
  }
  return low
}
