/** Powers of ten that the map spans; each has twice as many numbers as the one below. */
const DECADES = 7

/** Midpoints of equal intervals of [0.1, 1], in float32; edges are counted from the nearer end. */
function midpoints(count: number): number[] {
  const [start, end] = [Math.fround(0.1), 1]
  const step = Math.fround((end - start) / count)
  const lower = Math.floor((count + 1) / 2)
  const edge = (i: number): number => Math.fround(i < lower ? start + step * i : end - step * (count - i))
  return Array.from({ length: count }, (_, i) => Math.fround((edge(i) + edge(i + 1)) / 2))
}

/**
 * bitsandbytes' signed dynamic 8-bit map, ascending, [256]: fine near zero and coarse near one; 0 and +1 stand for
 * themselves (Dettmers 2015, arXiv:1511.04561).
 */
function createDynamicMap(): Float32Array {
  const positive = Array.from({ length: DECADES }, (_, i) =>
    midpoints(2 ** i).map((n) => Math.fround(n * Math.fround(10 ** (i + 1 - DECADES)))),
  ).flat()
  return Float32Array.from([...positive.map((n) => -n), 0, ...positive, 1]).sort()
}

export const dynamicMap: Float32Array = createDynamicMap()

const borders = Float32Array.from({ length: 255 }, (_, i) => (dynamicMap[i]! + dynamicMap[i + 1]!) / 2)

/** The place of the map's number that is nearest to `x`; a tie goes to the lower one. */
export function nearestInMap(x: number): number {
  let [low, high] = [0, borders.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (x > borders[middle]!) low = middle + 1
    else high = middle
  }
  return low
}
