import type { Json, TensorFile } from '../../checkpoint'
import type { Task } from '../../nn'

/** How a library keeps an adapter in a folder. */
export interface AdapterLayout {
  /** The library, as people know it. */
  readonly library: string
  readonly weights: string
  /** The weights as a pickle, which can run code when it is loaded and so is never opened. */
  readonly pickle: string
  /** Where the head of a classification lies, if not among the other weights. */
  readonly head?: string
  /** How to get them in the other form. */
  readonly advice: string
  /** Whether the library wrote this adapter_config.json. */
  recognises(config: Json): boolean
  /** Fields of the config that ask for mathematics which no method here computes. */
  unsupported(config: Json): readonly string[]
  /** What the adapter was trained for, where the config says. */
  task(config: Json): Task['kind'] | undefined
  /** What the config calls the base model. */
  baseName(config: Json): unknown
  /** What the method's tensors are called in this file, in their order. @throws GraftError where that is not clear */
  namesIn(file: TensorFile, tensors: readonly string[]): readonly string[]
  /** Tensors of the file that need not be read. */
  isIgnored(tensor: string): boolean
}
