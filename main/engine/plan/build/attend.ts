import { batchSlots, type AttentionCall, type ModelDefinition, type Scope } from '../../nn'
import type { Value } from '../../graph'

/**
 * A layer's attention over keys [batch · T, kvHeads · headDim] of which `batch.first` … `batch.last` say what each query
 * sees, and over the keys and values that a method puts in front of them.
 */
export function attendTo(
  scope: Scope,
  { config }: ModelDefinition,
  { layer, q, k, v, scale, window = 0 }: AttentionCall,
  { batch, causal }: { readonly batch: number; readonly causal: boolean },
): Value {
  const { g, slot, hooks } = scope
  const prefix = hooks.keyValuePrefix?.(scope, layer)
  const withPrefix = (x: Value, rows: Value | undefined): Value => (rows ? g.one('prepend', [x, rows], { batch }) : x)
  const inputs = [q, withPrefix(k, prefix?.k), withPrefix(v, prefix?.v), slot(batchSlots.first), slot(batchSlots.last)]
  const shape = { batch, heads: config.heads, kvHeads: config.kvHeads }
  return g.one('attention', inputs, { ...shape, scale, causal, window, prefix: prefix?.k.shape[0] ?? 0 })
}
