export type ScheduleName = 'linear' | 'cosine' | 'constant'

/** The share of the base rate, from the step (counted from 0), warm-up steps W and all steps S. */
const decay: Readonly<Record<ScheduleName, (progress: number) => number>> = {
  linear: (progress) => Math.max(0, 1 - progress),
  cosine: (progress) => Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress))),
  constant: () => 1,
}

/**
 * transformers' schedules: step / W while warming up (so that the first update of a warmed-up run has rate 0), then the
 * named decay over the remaining steps.
 */
export function learningRateAt(
  schedule: ScheduleName,
  base: number,
  step: number,
  warmup: number,
  steps: number,
): number {
  if (step < warmup) return base * (step / Math.max(1, warmup))
  return base * decay[schedule]((step - warmup) / Math.max(1, steps - warmup))
}

/** A count of steps as it is, a share below 1 of all steps rounded up. */
export function warmupSteps(warmup: number, steps: number): number {
  return warmup < 1 ? Math.ceil(warmup * steps) : Math.floor(warmup)
}
