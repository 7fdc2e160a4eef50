import type { ModelConfig, ModelHooks, StoredTensor, TrainableParameter } from '../../nn'
import { batchSlots } from '../../nn'
import type { Shape } from '../../graph'
import { PROMPT_EMBEDDINGS } from './soft-prompt'

/** Width of a layer's keys, and of its values: PEFT's `token_dim`. */
export const prefixWidth = ({ kvHeads, headDim }: ModelConfig): number => kvHeads * headDim

const parts = ['key', 'value'] as const

/** Keys and values layer by layer, in the order in which PEFT lays them side by side. */
export const prefixSlots = ({ layers }: ModelConfig): readonly string[] =>
  Array.from({ length: layers }, (_, layer) => parts.map((part) => `prefix.${layer}.${part}`)).flat()

/** A tensor for each layer's keys and one for its values, [P, kvHeads · headDim]. */
export const prefixTensors = (
  tokens: number,
  config: ModelConfig,
): { readonly name: string; readonly shape: Shape }[] =>
  prefixSlots(config).map((name) => ({ name, shape: [tokens, prefixWidth(config)] }))

/** @param dropout share of the numbers of keys and values that are zeroed at random while training */
export function prefixHooks(dropout = 0): ModelHooks {
  return {
    keyValuePrefix(scope, layer) {
      const { g, slot, training } = scope
      const [k, v] = parts.map((part, stream) => {
        const rows = slot(`prefix.${layer}.${part}`)
        if (!training || dropout === 0) return rows
        return g.one('dropout', [rows, slot(batchSlots.seeds, layer, 1)], { rate: dropout, stream })
      })
      return { k: k!, v: v! }
    },
  }
}

export const trainablePrefix = (
  tokens: number,
  config: ModelConfig,
  initial: TrainableParameter['initial'],
): TrainableParameter[] => prefixTensors(tokens, config).map((tensor) => ({ ...tensor, decay: true, initial }))

/** [P, D] each, side by side: [P, parts · D]. */
function pack(tensors: readonly Float32Array[], tokens: number, width: number): Float32Array {
  const packed = new Float32Array(tokens * tensors.length * width)
  tensors.forEach((tensor, i) => {
    for (let token = 0; token < tokens; token++)
      packed.set(tensor.subarray(token * width, (token + 1) * width), (token * tensors.length + i) * width)
  })
  return packed
}

/** Undoes `pack`. */
function unpack(packed: Float32Array, tokens: number, width: number): Float32Array[] {
  const count = packed.length / tokens / width
  return Array.from({ length: count }, (_, i) => {
    const tensor = new Float32Array(tokens * width)
    for (let token = 0; token < tokens; token++) {
      const start = (token * count + i) * width
      tensor.set(packed.subarray(start, start + width), token * width)
    }
    return tensor
  })
}

/** The whole prefix as PEFT stores it: one tensor [P, layers · 2 · D]. */
export function storedPrefix(tokens: number, config: ModelConfig): StoredTensor {
  const [slots, width] = [prefixSlots(config), prefixWidth(config)]
  return {
    name: PROMPT_EMBEDDINGS,
    shape: [tokens, slots.length * width],
    slots,
    pack: (tensors) => pack(tensors, tokens, width),
    unpack: (packed) => unpack(packed, tokens, width),
  }
}
