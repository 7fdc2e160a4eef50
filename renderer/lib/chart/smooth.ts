export interface XY {
  readonly x: number
  readonly y: number
}

/**
 * Exponential moving average, divided by the weight seen so far so that the first points are not pulled towards zero.
 * `weight` is what stays of the past at each point, 0 … 1. Points that are not numbers are left out.
 */
export function smooth(points: readonly XY[], weight: number): XY[] {
  const smoothed: XY[] = []
  let mean = 0
  let seen = 0
  for (const { x, y } of points) {
    if (!Number.isFinite(y)) continue
    mean = weight * mean + (1 - weight) * y
    seen = weight * seen + (1 - weight)
    smoothed.push({ x, y: mean / seen })
  }
  return smoothed
}

/** A smoothing that suits the number of points: nearly none for ten, strong for thousands. */
export function smoothingFor(count: number): number {
  return Math.min(0.97, 1 - 1 / Math.max(2, Math.sqrt(count) / 2))
}
