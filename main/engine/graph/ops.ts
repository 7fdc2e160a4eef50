/**
 * The IR's operations, at the granularity of the field's own terms: coarse enough that a GPU is not drowned in
 * dispatches, fine enough that a method can hook in between. N is a number of token rows (batch × length).
 *
 * | op | inputs | outputs |
 * |---|---|---|
 * | linear | x [N, in], w [out, in], addend? [out] or [N, out] | alpha · x wᵀ + addend [N, out] |
 * | linearInputGrad | dy [N, out], w [out, in], addend? [N, in] | alpha · dy w + addend [N, in] |
 * | linearWeightGrad | dy [N, out], x [N, in] | alpha · dyᵀ x [out, in] |
 * | add, mul, div | a, b (broadcast as in NumPy) | elementwise |
 * | scale | x | factor · x |
 * | sumTo | x | x summed over what broadcasting had repeated |
 * | rowNorm | w [out, in], b [out, r], a [r, in] | √(Σ (w + alpha · b a)²) of each row, [out]: a constant by definition, no gradient passes |
 * | dropout | x, seed i32 [1] | x · mask / (1 − rate); the mask is a pure function of seed, stream and position |
 * | rmsNorm | x [N, heads · d], w [d] | (offset + w) ⊙ x / √(mean(x²) + ε), each head by itself |
 * | layerNorm | x [N, d], w [d], b [d] | w ⊙ (x − mean(x)) / √(var(x) + ε) + b |
 * | rope | x [N, heads · D], cos [N, D/2], sin [N, D/2] | rotated halves; `inverse` rotates back |
 * | attention | q [B·Tq, Hq·D], k [B·Tk, Hkv·D], v, first i32 [B·Tq], last i32 [B·Tq] | [B·Tq, Hq·D] |
 * | prepend | x [B·T, d], rows [P, d] | the same rows before each of the B sequences [B·(P + T), d] |
 * | activation | x | activation(x) |
 * | gatedActivation | gate [N, F], up [N, F] | activation(gate) ⊙ up |
 * | slice, pad | x | `from` … `to` (not included) of an axis; zeros before and after it |
 * | concat | any number of tensors | joined along an axis |
 * | replaceRows | x [N, d], places i32 [N], table [P, d] | table[places[n]] where that is below P, x[n] elsewhere [N, d] |
 * | lstmCell | z [N, 4·H], c? [N, H] | h [N, H], c [N, H] of the next step |
 * | embedding | ids i32 [N], table [V, d] | factor · rows of the table [N, d] |
 * | lossHead | x [N, d], table [V, d], labels i32 [N], weight [N] | Σ weight · −log softmax(x tableᵀ)[label], [1] |
 *
 * `first` and `last` say for each query which keys of its own sequence it sees, both ends included: causal order, packed
 * documents and a partly filled cache are all ranges. They count from behind the first `prefix` keys of each sequence, which
 * every query sees as far as its window reaches. A label below 0 is ignored. Ids and labels must have a row in
 * their table: who feeds the batch sees to it, since a GPU cannot refuse.
 */
export interface OpAttributes {
  linear: { readonly alpha: number }
  linearInputGrad: { readonly alpha: number }
  linearWeightGrad: { readonly alpha: number }
  add: Record<string, never>
  mul: Record<string, never>
  div: Record<string, never>
  scale: { readonly factor: number }
  sumTo: { readonly shape: readonly number[] }
  rowNorm: { readonly alpha: number }
  dropout: { readonly rate: number; readonly stream: number }
  rmsNorm: RmsNormAttributes
  rmsNormInputGrad: RmsNormAttributes
  rmsNormWeightGrad: RmsNormAttributes
  layerNorm: { readonly epsilon: number }
  layerNormInputGrad: { readonly epsilon: number }
  layerNormWeightGrad: { readonly epsilon: number }
  rope: { readonly heads: number; readonly inverse: boolean }
  attention: AttentionAttributes
  /** Inputs: dy, those of attention, and its output. */
  attentionGrad: AttentionAttributes
  prepend: { readonly batch: number }
  /** Outputs: the gradients of x and of the rows. */
  prependGrad: { readonly batch: number; readonly rows: number }
  slice: { readonly axis: number; readonly from: number; readonly to: number }
  pad: { readonly axis: number; readonly before: number; readonly after: number }
  concat: { readonly axis: number }
  replaceRows: Record<string, never>
  /** Inputs: dy, places. Outputs: the gradients of x and of the table, which has `rows` rows. */
  replaceRowsGrad: { readonly rows: number }
  activation: { readonly activation: Activation }
  activationGrad: { readonly activation: Activation }
  gatedActivation: { readonly activation: Activation }
  gatedActivationGrad: { readonly activation: Activation }
  /** z: the gates before their activations, in the order input, forget, cell, output. Without c the cell begins at 0. */
  lstmCell: Record<string, never>
  /** Inputs: the gradients that there are, in the order of the outputs, then those of lstmCell. */
  lstmCellGrad: { readonly of: 'both' | 'hidden' | 'cell' }
  /** factor: 1 where it is absent. It belongs to the op because the gradient of a table goes straight from dy to the table. */
  embedding: { readonly factor?: number }
  embeddingGrad: { readonly rows: number; readonly factor?: number }
  lossHead: Record<string, never>
  lossHeadInputGrad: Record<string, never>
  lossHeadTableGrad: Record<string, never>
}

export type OpName = keyof OpAttributes

export interface RmsNormAttributes {
  readonly epsilon: number
  /** What the weight counts from: Gemma's weights are differences from 1. */
  readonly offset: 0 | 1
  /** Pieces of a row that are normalised each by itself, with one weight: 1 but for norms of queries and keys. */
  readonly heads: number
}

export interface AttentionAttributes {
  readonly batch: number
  readonly heads: number
  readonly kvHeads: number
  readonly scale: number
  /** A promise about the ranges: no query sees beyond its own place (`last[t]` ≤ t), so that a back end may skip half. */
  readonly causal: boolean
  /** So many keys at the head of each sequence are seen by every query. */
  readonly prefix: number
  /** A query sees no key before `last` − window + 1, those of the prefix being the ones before `first`; 0: no window. */
  readonly window: number
}

/** geluTanh is GELU's tanh approximation (Hendrycks & Gimpel 2016). */
export type Activation = 'silu' | 'relu' | 'geluTanh' | 'tanh' | 'sigmoid'
