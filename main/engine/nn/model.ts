import type { GraphBuilder, Shape, Value } from '../graph'
import type { Task } from './task'

/** How rotary frequencies are changed for longer contexts. */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  /** Llama 3.1: only the long wavelengths are stretched. */
  | {
      readonly type: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalContext: number
    }
  /** A divisor for each frequency, [headDim / 2]: all that a GGUF file tells. */
  | { readonly type: 'factors'; readonly factors: readonly number[] }

/** Rotary embedding's frequencies (Su et al. 2021). */
export interface RopeConfig {
  readonly theta: number
  readonly scaling?: RopeScaling
}

/** What a checkpoint's config says, with the family's defaults filled in. */
export interface ModelConfig {
  readonly family: string
  readonly hiddenSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly intermediateSize: number
  readonly vocabSize: number
  readonly contextLength: number
  readonly normEpsilon: number
  readonly tiedHead: boolean
  /** The rotations of queries and keys that its layers use, by name; none where positions are learned. */
  readonly rotations: Readonly<Record<string, RopeConfig>>
  /** Tokens that a query sees, itself included, for each layer; 0: all before it. */
  readonly windows: readonly number[]
}

/** A tensor of the checkpoint; slots have the checkpoint's names. */
export interface WeightSpec {
  readonly name: string
  readonly shape: Shape
  /** Checkpoints have it as [in, out] (GPT-2's Conv1D): whoever reads or writes them turns it. `shape` is the slot's. */
  readonly storedTransposed?: true
  /** A checkpoint need not have it, or may have it in another shape: then whoever trains makes it. */
  readonly optional?: true
}

/** A frozen tensor that is computed, not loaded. */
export interface ConstantSpec extends WeightSpec {
  make(): Float32Array
}

/** A weight matrix that methods may hook. `name` is the module's path in the checkpoint. */
export interface LinearSite {
  readonly name: string
  readonly layer: number
  readonly inFeatures: number
  readonly outFeatures: number
  readonly weight: string
  readonly bias?: string
  /** The checkpoint's weight is [in, out]; PEFT wants to know. Slots are [out, in] at every site. */
  readonly storedTransposed?: true
}

/** What a model and a method build a segment with. */
export interface Scope {
  readonly g: GraphBuilder
  readonly training: boolean
  readonly hooks: ModelHooks
  /** The value of a slot (or of `rows` rows of it): becomes an input of the segment. */
  slot(name: string, row?: number, rows?: number): Value
}

/** What a layer's attention is asked for. */
export interface AttentionCall {
  readonly layer: number
  /** [N, heads · headDim] */
  readonly q: Value
  /** [N, kvHeads · headDim] */
  readonly k: Value
  readonly v: Value
  /** What scores are multiplied with. */
  readonly scale: number
  /** A query sees so many keys at most, itself included; absent: all before it. */
  readonly window?: number
}

/** How queries meet keys: full attention over the batch in training, a cache in generation. */
export type Attend = (scope: Scope, call: AttentionCall) => Value

export type Sublayer = 'attention' | 'mlp'

/** The places where a method may change the model; an absent hook changes nothing. */
export interface ModelHooks {
  /** After y = x wᵀ (+ b) at a named site. */
  readonly linear?: (scope: Scope, site: LinearSite, x: Value, y: Value) => Value
  /**
   * What a sublayer adds to the residual stream: `x` is its output, `residual` the stream as it went in, before the norm.
   * Both and the result are [N, hidden].
   */
  readonly afterSublayer?: (scope: Scope, layer: number, sublayer: Sublayer, x: Value, residual: Value) => Value
  /** Keys and values, [P, kvHeads · headDim], that every query of the layer sees beside its own: not rotated, at no position. */
  readonly keyValuePrefix?: (scope: Scope, layer: number) => { readonly k: Value; readonly v: Value }
  /** The input embeddings [N, hidden], a family's own scale applied. */
  readonly inputEmbeddings?: (scope: Scope, x: Value) => Value
}

/** Names that begin with `own` here begin with `file` in some checkpoints. */
export interface RenamedPrefix {
  readonly own: string
  readonly file: string
}

/** What a family gives: a model without its head. */
export interface ModelBody {
  readonly config: ModelConfig
  readonly weights: readonly WeightSpec[]
  readonly renamedPrefixes: readonly RenamedPrefix[]
  /** Tensors that depend on the longest sequence that will be run. */
  constants(maxLength: number): readonly ConstantSpec[]
  /** In the order of the layers, each layer's in the order of use. */
  readonly sites: readonly LinearSite[]
  /** batch.ids → the residual stream [N, hidden]. */
  embed(scope: Scope): Value
  block(scope: Scope, layer: number, h: Value, attend: Attend): Value
  /** The table of the words' embeddings, and what a row of it is multiplied with before anything else happens to it. */
  readonly wordEmbedding: { readonly weight: string; readonly scale: number }
  /** The final norm of the residual stream: what a head's table is multiplied with. */
  finalNorm(scope: Scope, h: Value): Value
  /** The weight that gives each word of the vocabulary its logit; the embedding's own where they are tied. */
  readonly vocabularyTable: string
}

/** A model with the head that its task wants. */
export interface ModelDefinition extends ModelBody {
  readonly task: Task
  /** Logits of a row: words of the vocabulary, or classes. */
  readonly outputs: number
  /** The class of transformers that loads it. */
  readonly transformersClass: string
  /** The residual stream → what the head's table is multiplied with, and that table [outputs, hidden]. */
  head(scope: Scope, h: Value): { readonly x: Value; readonly table: Value }
}

/** Slots that every batch fills; N = rows of the batch × length. */
export const batchSlots = {
  ids: 'batch.ids',
  positions: 'batch.positions',
  first: 'batch.first',
  last: 'batch.last',
  /** The rows that bear loss, then the others: the loss head takes the rows in this order. */
  order: 'batch.order',
  /** In the head's order, as is `weight`. */
  labels: 'batch.labels',
  weight: 'batch.weight',
  seeds: 'batch.seeds',
} as const
