type Floats = Float32Array | Float64Array

export interface AdamwSettings {
  readonly learningRate: number
  readonly betas: readonly [number, number]
  readonly epsilon: number
  /** 0 for parameters that do not decay. */
  readonly weightDecay: number
  /** Counts from 1. */
  readonly step: number
}

/**
 * One AdamW update in place, element by element in one pass (Loshchilov & Hutter 2019; the order of operations is torch's).
 * p ← p (1 − lr λ);  m ← m + (1 − β₁)(g − m);  v ← β₂ v + (1 − β₂) g²;  p ← p − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
 */
export function adamw(p: Floats, g: Floats, m: Floats, v: Floats, settings: AdamwSettings): void {
  const { learningRate, epsilon, step } = settings
  const [beta1, beta2] = settings.betas
  const keep = 1 - learningRate * settings.weightDecay
  const rate = learningRate / (1 - beta1 ** step)
  const inverse = 1 / Math.sqrt(1 - beta2 ** step)
  for (let i = 0; i < p.length; i++) {
    const gi = g[i] as number
    const mi = (m[i] as number) + (1 - beta1) * (gi - (m[i] as number))
    const vi = beta2 * (v[i] as number) + (1 - beta2) * gi * gi
    m[i] = mi
    v[i] = vi
    p[i] = (p[i] as number) * keep - (rate * mi) / (Math.sqrt(vi) * inverse + epsilon)
  }
}
