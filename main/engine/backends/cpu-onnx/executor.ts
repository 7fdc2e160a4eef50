import { Tensor } from 'onnxruntime-node'
import { GraftError } from '../../errors'
import { adamw, clipFactor, scaleInPlace, squaredNorm } from '../../optim'
import {
  isDue,
  slotNumbers,
  type Action,
  type AdamwAction,
  type Binding,
  type Executor,
  type ExecutorOptions,
  type Plan,
  type RunAction,
  type RunParameters,
} from '../../plan'
import { hashUniform } from '../../rng'
import type { Graph, Value } from '../../graph'
import type { DropoutMask } from './emitter'
import { hostKernels, type HostArray } from './host-kernels'
import { accumulatorPort, outputName } from './lower-graph'
import { createSessionTable } from './sessions'
import { createSlotMemory } from './slot-memory'
import { createWeightScratch } from './weight-scratch'

type Feeds = Record<string, Tensor>

interface BoundAction {
  readonly feeds: Feeds
  readonly fetches: Feeds
}

const tensorOf = (array: HostArray, shape: readonly number[]): Tensor =>
  array instanceof Int32Array ? new Tensor('int32', array, shape) : new Tensor('float32', array, shape)

const isStatic = (action: RunAction): boolean =>
  [...Object.values(action.inputs), ...Object.values(action.outputs)].every(({ row }) => typeof row !== 'object')

/** The array that a binding of the action means. */
type View = (binding: Binding) => HostArray

/** Feeds and fetches over the slots' own memory: nothing is copied on the way in or out. */
function bindAction(action: RunAction, graph: Graph, view: View): BoundAction {
  const feeds: Feeds = {}
  const fetches: Feeds = {}
  for (const { name, value } of graph.inputs) feeds[name] = tensorOf(view(action.inputs[name] as Binding), value.shape)
  for (const { name, value } of graph.outputs) {
    const binding = action.outputs[name] as Binding
    const tensor = tensorOf(view(binding), value.shape)
    fetches[outputName(name)] = tensor
    if (binding.accumulate) feeds[accumulatorPort(name)] = tensor
  }
  return { feeds, fetches }
}

function dropoutMask({ input, seedPort, rate, stream }: DropoutMask, feeds: Feeds): Tensor {
  const seed = (feeds[seedPort]?.data as Int32Array)[0] as number
  const mask = new Float32Array(input.shape.reduce((product, size) => product * size, 1))
  const kept = 1 / (1 - rate)
  for (let i = 0; i < mask.length; i++) mask[i] = hashUniform(seed, stream, i) >= rate ? kept : 0
  return new Tensor('float32', mask, input.shape)
}

/** The graph's nodes over typed arrays; see host-kernels.ts for which. */
function runOnHost(action: RunAction, graph: Graph, view: View): void {
  const arrays = new Map<Value, HostArray>()
  for (const { name, value } of graph.inputs) arrays.set(value, view(action.inputs[name] as Binding))
  for (const { name, value } of graph.outputs) {
    const binding = action.outputs[name] as Binding
    const array = view(binding)
    if (!binding.accumulate) array.fill(0)
    arrays.set(value, array)
  }
  for (const node of graph.nodes) hostKernels[node.op]?.(node, { of: (value) => arrays.get(value) as HostArray })
}

export function openExecutor({ threads }: ExecutorOptions): Executor {
  const memory = createSlotMemory()
  const scratch = createWeightScratch()
  const sessions = createSessionTable(threads)
  let bound = new WeakMap<RunAction, BoundAction>()
  let current: Plan | undefined
  const floats = (plan: Plan, slot: string): Float32Array => memory.slot(plan, slot) as Float32Array

  const runSegment = async (plan: Plan, action: RunAction, parameters: RunParameters): Promise<void> => {
    const { session, segment, hostInputs } = sessions.of(action)
    const numbers = scratch.of(plan, action)
    const view: View = (binding) => memory.view(plan, binding, parameters, numbers.get(binding.slot))
    scratch.fill(plan, action, (name) => memory.quantised(plan, name))
    if (!session) return runOnHost(action, segment.graph, view)
    const fixed = bound.get(action)
    const { feeds, fetches } = fixed ?? bindAction(action, segment.graph, view)
    if (!fixed && isStatic(action)) bound.set(action, { feeds, fetches })
    for (const mask of hostInputs) feeds[mask.input.name] = dropoutMask(mask, feeds)
    await session.run(feeds, fetches)
    for (const mask of hostInputs) delete feeds[mask.input.name]
  }

  const updateParameters = (plan: Plan, action: AdamwAction, parameters: RunParameters): void => {
    const { learningRate, step } = parameters
    if (learningRate === undefined || step === undefined)
      throw new GraftError('invalid-argument', 'adamw: expected the run parameters learningRate and step')
    if (!Number.isFinite(floats(plan, action.norm)[0])) return
    for (const { slot, gradient, moments, decay, rate = 1 } of action.parameters) {
      const [m, v] = moments.map((name) => floats(plan, name)) as [Float32Array, Float32Array]
      const { betas, epsilon } = action
      const weightDecay = decay ? action.weightDecay : 0
      const settings = { learningRate: rate * learningRate, step, betas, epsilon, weightDecay }
      adamw(floats(plan, slot), floats(plan, gradient), m, v, settings)
    }
  }

  const handlers: {
    readonly [A in Action['do']]: (
      plan: Plan,
      action: Extract<Action, { do: A }>,
      p: RunParameters,
    ) => void | Promise<void>
  } = {
    run: runSegment,
    zero: (plan, { slots }) => slots.forEach((slot) => memory.slot(plan, slot).fill(0)),
    globalNorm: (plan, { gradients, into }) => {
      floats(plan, into)[0] = Math.sqrt(gradients.reduce((sum, slot) => sum + squaredNorm(floats(plan, slot)), 0))
    },
    clip: (plan, { gradients, norm, maximum }) => {
      const factor = clipFactor(floats(plan, norm)[0] as number, maximum)
      for (const slot of gradients) scaleInPlace(floats(plan, slot), factor)
    },
    adamw: updateParameters,
  }
  const perform = <A extends Action['do']>(plan: Plan, action: Extract<Action, { do: A }>, p: RunParameters) =>
    handlers[action.do as A](plan, action, p)

  return {
    async prepare(plans, onProgress) {
      for (const [i, plan] of plans.entries()) {
        onProgress?.(i, plans.length)
        if (memory.reserve(plan)) bound = new WeakMap()
        await sessions.compile(plan)
      }
      onProgress?.(plans.length, plans.length)
    },
    async upload(slot, data) {
      if (memory.upload(slot, data)) bound = new WeakMap()
    },
    async run(plan, phase, parameters = {}) {
      current = plan
      for (const action of plan.phases[phase] ?? [])
        if (isDue(action, parameters)) await perform(plan, action, parameters)
    },
    async read(slot) {
      const lasting = memory.persistent(slot)
      if (lasting) return slotNumbers(lasting, current?.slots.get(slot)?.storage) as Float32Array
      if (!current) throw new GraftError('invalid-argument', `slot ${slot}: nothing has been run yet`)
      return floats(current, slot)
    },
    async dispose() {
      await sessions.release()
      memory.release()
      scratch.release()
    },
  }
}
