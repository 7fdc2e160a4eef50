type Floats = Float32Array | Float64Array

/** Σ g² in float64, summed in one fixed order. Not finite where any element is not. */
export function squaredNorm(values: Floats): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (values[i] as number)
  return sum
}

/** torch's factor: min(1, maximum / (norm + 1e-6)); 1 where clipping is off (maximum 0). */
export function clipFactor(norm: number, maximum: number): number {
  return maximum > 0 ? Math.min(1, maximum / (norm + 1e-6)) : 1
}

export function scaleInPlace(values: Floats, factor: number): void {
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor
}
