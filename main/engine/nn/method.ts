import type { Rng } from '../rng'
import type { Shape, Value } from '../graph'
import type { FourBitStorage } from '../tensor'
import type { MethodInfo, ParameterValues } from './method-info'
import type { ModelDefinition, ModelHooks, Scope, WeightSpec } from './model'

/** What first values may be made of, besides chance. */
export interface InitialContext {
  /** Whether the base model has this tensor, in this shape. */
  brings(weight: WeightSpec): boolean
  /** A tensor of the base model, as the method computes with it. */
  read(weight: string): Promise<Float32Array>
  /** Ids of a text, special tokens that the tokenizer adds included. */
  tokenize(text: string): readonly number[]
}

type FirstValues = (rng: Rng, context: InitialContext) => Float32Array | Promise<Float32Array>

/** A tensor that training changes. */
export interface TrainableParameter {
  readonly name: string
  readonly shape: Shape
  /** Weight decay applies: not to norms and biases. */
  readonly decay: boolean
  /** What the learning rate is multiplied with for it; absent: 1. */
  readonly rate?: number
  /** `checkpoint`: it is one of the base model's own tensors. */
  readonly initial: 'checkpoint' | FirstValues
}

/** Tensors that are a function of weights alone, computed once a step: what a prompt encoder makes, a layer's new norms. */
export interface Derivation {
  readonly tensors: readonly WeightSpec[]
  /** Their values, in that order, from the slots of weights. */
  build(scope: Scope): readonly Value[]
}

/** A tensor of an adapter's file, and the slots that it is made of. */
export interface StoredTensor {
  readonly name: string
  readonly shape: Shape
  /** Trainable or derived; one, unless `pack` joins several. */
  readonly slots: readonly string[]
  pack?(parts: readonly Float32Array[]): Float32Array
  /** Undoes `pack`. */
  unpack?(data: Float32Array): readonly Float32Array[]
}

/** How an adapter of this method looks on disk. */
export interface AdapterFormat {
  readonly layout: 'peft' | 'adapterhub'
  /** adapter_config.json without the fields that every type has. */
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: readonly StoredTensor[]
  /** What lies in a file of its own, where the layout keeps the head of a classification apart. */
  readonly head?: readonly StoredTensor[]
}

/** Reads any tensor by slot name, base weight or trainable. */
export type ReadTensor = (name: string) => Promise<Float32Array>

/** A method put on a model with its hyper-parameters. */
export interface AppliedMethod {
  readonly info: MethodInfo
  readonly trainable: readonly TrainableParameter[]
  readonly hooks: ModelHooks
  /** Whether training draws random masks: then the batch carries seeds. */
  readonly usesSeeds: boolean
  /** How the base weight `name` is held in memory, where that is not float32. Absent: every weight is float32. */
  readonly quantised?: (name: string) => FourBitStorage | undefined
  /** So many placeholder tokens stand before each text, at its first positions; `inputEmbeddings` fills them in. */
  readonly virtualTokens?: number
  /** What every position of a batch is raised by: keys in front of the texts take up the first ones. */
  readonly positionOffset?: number
  /** Each is a segment of its own; those with equal graphs share one. */
  readonly derived?: readonly Derivation[]
  /** Undefined where the method has no adapter of its own (full fine-tuning). */
  readonly adapter?: AdapterFormat
  /**
   * The base weight `name` with this method folded in, as a new array, or undefined where the method does not touch it.
   * Absent where the method cannot be merged.
   */
  readonly merge?: (name: string, read: ReadTensor) => Promise<Float32Array | undefined>
}

export interface Method {
  readonly info: MethodInfo
  /**
   * How many parameters `apply` would train: the declaration's formula, computed.
   * @throws GraftError `invalid-argument` as `apply` does
   */
  countTrainable(model: ModelDefinition, values: ParameterValues): number
  /** @throws GraftError `invalid-argument` for a value outside its declaration or a target that is not there */
  apply(model: ModelDefinition, values: ParameterValues): AppliedMethod
  /** What an adapter on disk is put on the model as, where less is stored than is trained: to be used, not trained on. */
  applyStored?(model: ModelDefinition, values: ParameterValues): AppliedMethod
  /** This method's hyper-parameters from a PEFT adapter_config.json, or undefined where it is of another type. */
  fromAdapterConfig?(config: Readonly<Record<string, unknown>>): ParameterValues | undefined
}
