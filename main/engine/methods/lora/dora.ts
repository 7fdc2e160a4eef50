import type { Value } from '../../graph'
import type { Derivation, InitialContext, LinearSite, Scope, WeightSpec } from '../../nn'
import type { Rng } from '../../rng'
import { slotA, slotB, type Lora, type LoraSite } from './lora-sites'

// DoRA (Liu et al. 2024, arXiv:2402.09353): a row of the changed matrix W + s B A gives its direction only; how long it is
// is trained by itself, as the magnitude m. With n the rows' norms, taken as constants, and g = m / n:
// y = bias + g ⊙ (x Wᵀ + s · x Aᵀ Bᵀ). g depends on weights alone: it is computed once a step.

export const slotM = ({ name }: LinearSite): string => `${name}.lora_magnitude_vector`
const slotG = ({ name }: LinearSite): string => `${name}.dora_gain`

export function lengthOf(row: Float32Array | Float64Array): number {
  let squares = 0
  for (const value of row) squares += value * value
  return Math.sqrt(squares)
}

/** ‖W‖ of each row: with B at zero the model is unchanged. */
export function initialMagnitude({ weight, inFeatures, outFeatures }: LinearSite) {
  return async (_rng: Rng, { read }: InitialContext): Promise<Float32Array> => {
    const w = await read(weight)
    return Float32Array.from({ length: outFeatures }, (_, o) =>
      lengthOf(w.subarray(o * inFeatures, (o + 1) * inFeatures)),
    )
  }
}

const gainOf = (site: LoraSite): WeightSpec => ({ name: slotG(site), shape: [site.outFeatures] })

/** g = m / ‖W + s B A‖ by rows. No gradient passes through the norm. */
function buildGain({ g, slot }: Scope, site: LoraSite): Value {
  const norm = g.one('rowNorm', [slot(site.weight), slot(slotB(site)), slot(slotA(site))], { alpha: site.scale })
  return g.one('div', [slot(slotM(site)), norm], {})
}

/** The gains of a layer in one piece: equal layers share it. */
export function gains({ sites }: Lora): Derivation[] {
  const layers = [...new Set(sites.map(({ layer }) => layer))]
  return layers.map((layer) => {
    const own = sites.filter((site) => site.layer === layer)
    return { tensors: own.map(gainOf), build: (scope) => own.map((site) => buildGain(scope, site)) }
  })
}

const minus = ({ g }: Scope, a: Value, b: Value): Value => g.one('add', [a, g.one('scale', [b], { factor: -1 })], {})

/**
 * The site's new output from y = x Wᵀ + bias. `update` adds s · x̃ Aᵀ Bᵀ to what it is given. Where dropout made x̃ of x, the
 * part of W that the gain changes reads x̃ too, as PEFT has it: y + (g − 1) ⊙ x̃ Wᵀ + g ⊙ s · x̃ Aᵀ Bᵀ.
 */
export function withGain(
  scope: Scope,
  site: LoraSite,
  { x, dropped, y }: { readonly x: Value; readonly dropped: Value; readonly y: Value },
  update: (addend: Value) => Value,
): Value {
  const { g } = scope
  const gain = scope.slot(slotG(site))
  if (dropped !== x) {
    const plain = g.one('linear', [dropped, scope.slot(site.weight)], { alpha: 1 })
    return g.one('add', [minus(scope, y, plain), g.one('mul', [update(plain), gain], {})], {})
  }
  const scaled = g.one('mul', [update(y), gain], {})
  if (site.bias === undefined) return scaled
  // The bias went through the gain with the rest: what that did to it is undone.
  const bias = scope.slot(site.bias)
  return g.one('add', [scaled, minus(scope, bias, g.one('mul', [gain, bias], {}))], {})
}
