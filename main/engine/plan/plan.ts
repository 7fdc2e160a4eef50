import { GraftError } from '../errors'
import type { DType, Graph, Shape } from '../graph'
import type { FourBitStorage, FourBitTensor } from '../tensor'

/**
 * What a tensor that outlives a segment is for:
 * frozen, trainable: weights · gradient, moment: one per trainable · batch: comes from the data ·
 * derived: computed from the trainables at the start of a step ·
 * activation: between segments, forgotten after the plan · cache: keys and values of a generation · scalar: results
 */
export type Role =
  'frozen' | 'trainable' | 'derived' | 'gradient' | 'moment' | 'batch' | 'activation' | 'cache' | 'scalar'

export interface Slot {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
  readonly role: Role
  /** How an executor holds a frozen f32 slot: absent as float32, else in 4 bits, dequantised whenever a segment reads it. */
  readonly storage?: FourBitStorage
}

/** What a slot is set with: numbers of its dtype, or a tensor in the format of its storage. */
export type SlotData = Float32Array | Int32Array | FourBitTensor

/** A row number known when the plan is made, or the name of one that is given when it runs. */
export type Row = number | { readonly parameter: string }

/** A slot, or `rows` consecutive rows of it from `row` on, at a segment's port. */
export interface Binding {
  readonly slot: string
  readonly row?: Row
  readonly rows?: number
  /** Outputs only: add to what the slot holds instead of replacing it. */
  readonly accumulate?: boolean
}

/** Equal graphs have equal keys: equal layers share one compiled form, with no special case for those that differ. */
export interface Segment {
  readonly key: string
  readonly label: string
  readonly graph: Graph
}

export type Bindings = Readonly<Record<string, Binding>>

export interface RunAction {
  readonly do: 'run'
  readonly segment: string
  readonly inputs: Bindings
  readonly outputs: Bindings
  /** For people: which layer, which rows. */
  readonly note: string
  readonly when?: Condition
}

/** Run only where a run parameter is above a number: known before anything runs, on every device. Absent: always. */
export interface Condition {
  readonly parameter: string
  readonly above: number
}

/** Whether an action is to be run; every executor asks this of every action. */
export function isDue(action: Action, parameters: RunParameters): boolean {
  if (action.do !== 'run' || !action.when) return true
  const { parameter, above } = action.when
  const value = parameters[parameter]
  if (value === undefined)
    throw new GraftError('invalid-argument', `plan: expected the run parameter ${parameter}, got none`)
  return value > above
}

export interface OptimisedParameter {
  readonly slot: string
  readonly gradient: string
  /** First and second moment. */
  readonly moments: readonly [string, string]
  readonly decay: boolean
  /** What the learning rate is multiplied with for it; absent: 1. */
  readonly rate?: number
}

/** Reads the run parameters `learningRate` and `step` (from 1). Skipped as a whole where `norm` is not finite. */
export interface AdamwAction {
  readonly do: 'adamw'
  readonly parameters: readonly OptimisedParameter[]
  readonly betas: readonly [number, number]
  readonly epsilon: number
  readonly weightDecay: number
  readonly norm: string
}

export type Action =
  | RunAction
  | { readonly do: 'zero'; readonly slots: readonly string[] }
  /** L2 norm over all gradients, into a scalar slot. */
  | { readonly do: 'globalNorm'; readonly gradients: readonly string[]; readonly into: string }
  /** Multiplies all gradients by min(1, maximum / (norm + 1e-6)). */
  | { readonly do: 'clip'; readonly gradients: readonly string[]; readonly norm: string; readonly maximum: number }
  | AdamwAction

/**
 * The lists of a plan. Training: begin (zero the sums, derive), then forward and backward for each micro-batch, then
 * update. Generation: begin once, then forward and logits.
 * Evaluation and generation are plans with lists of their own over the same slots.
 */
export type Phase = 'begin' | 'forward' | 'backward' | 'update' | 'evaluate' | 'logits'

export interface Plan {
  /** For people and for messages; plans are told apart by identity. */
  readonly title: string
  readonly slots: ReadonlyMap<string, Slot>
  readonly segments: ReadonlyMap<string, Segment>
  /** What the positions of a batch are raised by when it is fed; absent: nothing. */
  readonly positionOffset?: number
  readonly phases: Readonly<Partial<Record<Phase, readonly Action[]>>>
}

export type RunParameters = Readonly<Record<string, number>>

/**
 * Owns the memory behind slots. Several plans (length buckets, evaluation, generation) share one executor: weights,
 * gradients and moments are one tensor per name; activation, batch and cache slots share memory between plans and mean
 * nothing across them.
 */
export interface Executor {
  /** Compiles what is new in these plans and reserves memory. Plans must be prepared before they are run. */
  prepare(plans: readonly Plan[], onProgress?: (done: number, total: number) => void): Promise<void>
  /** Sets a whole slot. The executor may keep the array: the caller must not write to it afterwards. */
  upload(slot: string, data: SlotData): Promise<void>
  /**
   * Runs one list of a prepared plan. A device may still be at work when this returns: calls take effect in their order,
   * `read` waits for all before it, and what goes wrong on the device is thrown by a later call.
   */
  run(plan: Plan, phase: Phase, parameters?: RunParameters): Promise<void>
  /** The slot's values, of a quantised slot those that it is computed with; they may change with the next call. */
  read(slot: string): Promise<Float32Array>
  dispose(): Promise<void>
}

export interface ExecutorOptions {
  /** Threads that the back end may use; 0: its own choice. */
  readonly threads: number
}

export interface Backend {
  readonly name: string
  open(options: ExecutorOptions): Promise<Executor>
}
