import type { Rng } from '../rng'
import type { Shape } from '../graph'
import type { MethodInfo, ParameterValues } from './method-info'
import type { ModelDefinition, ModelHooks } from './model'

/** A tensor that training changes. */
export interface TrainableParameter {
  readonly name: string
  readonly shape: Shape
  /** Weight decay applies: not to norms and biases. */
  readonly decay: boolean
  /** `checkpoint`: it is one of the base model's own tensors. */
  readonly initial: 'checkpoint' | ((rng: Rng) => Float32Array)
}

/** How an adapter of this method looks on disk in PEFT's format. */
export interface AdapterFormat {
  /** adapter_config.json without the fields that every type has. */
  readonly config: Readonly<Record<string, unknown>>
  /** Slot name ↔ tensor name in adapter_model.safetensors. */
  tensorName(slot: string): string
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
  /** Undefined where the method has no adapter of its own (full fine-tuning). */
  readonly adapter?: AdapterFormat
  /**
   * The base weight `name` with this method folded in, as a new array, or undefined where the method does not touch it.
   * Absent where the method cannot be merged.
   */
  readonly merge?: (name: string, read: ReadTensor, sign?: 1 | -1) => Promise<Float32Array | undefined>
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
  /** This method's hyper-parameters from a PEFT adapter_config.json, or undefined where it is of another type. */
  fromAdapterConfig?(config: Readonly<Record<string, unknown>>): ParameterValues | undefined
}
