import type { Value } from '../../graph'
import type { LinearSite, Scope, Sublayer, WeightSpec } from '../../nn'

/** A weight matrix of every layer. */
export interface Matrix {
  /** Its path in the layer: `self_attn.q_proj`. */
  readonly module: string
  readonly inFeatures: number
  readonly outFeatures: number
  readonly bias: boolean
  readonly storedTransposed?: true
}

/** The matrices of all layers, in the order of use. @param path a layer's path in the checkpoint */
export function layerSites(layers: number, path: (layer: number) => string, matrices: readonly Matrix[]): LinearSite[] {
  return Array.from({ length: layers }, (_, layer) =>
    matrices.map(({ module, bias, ...matrix }): LinearSite => {
      const name = `${path(layer)}.${module}`
      return { ...matrix, name, layer, weight: `${name}.weight`, ...(bias && { bias: `${name}.bias` }) }
    }),
  ).flat()
}

/** The tensors of a site: weight, and bias where it has one. */
export function siteWeights({ weight, bias, outFeatures, inFeatures, storedTransposed }: LinearSite): WeightSpec[] {
  const matrix = { name: weight, shape: [outFeatures, inFeatures], ...(storedTransposed && { storedTransposed }) }
  return [matrix, ...(bias ? [{ name: bias, shape: [outFeatures] }] : [])]
}

/** y = x wᵀ (+ b), then whatever a method does at this site. */
export function linear(scope: Scope, site: LinearSite, x: Value): Value {
  const inputs = [x, scope.slot(site.weight), ...(site.bias ? [scope.slot(site.bias)] : [])]
  const y = scope.g.one('linear', inputs, { alpha: 1 })
  return scope.hooks.linear?.(scope, site, x, y) ?? y
}

/**
 * The residual stream with a sublayer's output added, after whatever a method does to it.
 * @param norm what a family with norms on both sides does last, behind the method
 */
export function addSublayer(
  scope: Scope,
  layer: number,
  sublayer: Sublayer,
  x: Value,
  residual: Value,
  norm: (x: Value) => Value = (x) => x,
): Value {
  const added = norm(scope.hooks.afterSublayer?.(scope, layer, sublayer, x, residual) ?? x)
  return scope.g.one('add', [residual, added], {})
}
