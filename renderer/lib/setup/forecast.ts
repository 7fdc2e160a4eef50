import type { Forecast } from '../../../preload/contract'

export interface MemoryShare {
  /** As the engine names it, or `other` for all that is too small to be seen. */
  readonly part: string
  readonly bytes: number
  /** Of the whole bar, 0 … 1. */
  readonly share: number
}

/** Parts below this share of the forecast are one. */
const smallest = 0.001
/** What the model itself takes comes first, what comes and goes with each step after it. */
const order = [
  'frozen weights',
  'trainable weights',
  'gradients',
  'optimiser moments',
  'activations',
  'working memory',
  'program',
]
const rank = (part: string): number => (order.includes(part) ? order.indexOf(part) : order.length)

export function totalBytes({ memory }: Pick<Forecast, 'memory'>): number {
  return memory.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The forecast as a bar whose end is what the machine has free or, where that is more, what the run needs. */
export function memoryShares(forecast: Pick<Forecast, 'memory' | 'free'>): MemoryShare[] {
  const total = totalBytes(forecast)
  const whole = Math.max(total, forecast.free)
  const shown = forecast.memory.filter(({ bytes }) => bytes >= smallest * total)
  const other = total - shown.reduce((sum, { bytes }) => sum + bytes, 0)
  const parts = shown.toSorted((a, b) => rank(a.part) - rank(b.part))
  if (other >= smallest * total) parts.push({ part: 'other', bytes: other })
  return parts.map(({ part, bytes }) => ({ part, bytes, share: bytes / whole }))
}

/** How the backward pass gets its activations. */
export function keeping({ layers, keptLayers }: Pick<Forecast, 'layers' | 'keptLayers'>): 'all' | 'some' | 'none' {
  if (keptLayers >= layers) return 'all'
  return keptLayers > 0 ? 'some' : 'none'
}
