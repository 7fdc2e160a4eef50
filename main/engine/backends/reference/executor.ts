import { GraftError } from '../../errors'
import { adamw, clipFactor, scaleInPlace, squaredNorm } from '../../optim'
import { isDue, type Action, type Backend, type Executor, type Plan, type RunParameters } from '../../plan'
import { evaluateGraph } from './evaluate-graph'
import { createSlotMemory, type SlotMemory } from './slot-memory'

/** What an action may touch: the slots of its plan and the parameters of this run. */
interface Context {
  readonly plan: Plan
  readonly memory: SlotMemory
  readonly parameters: RunParameters
}

type Interpreters = {
  readonly [Name in Action['do']]: (action: Extract<Action, { readonly do: Name }>, context: Context) => void
}

function fail(message: string): never {
  throw new GraftError('invalid-argument', `reference executor: ${message}`)
}

/** A slot that is computed with: its numbers are float64. */
const floats = ({ plan, memory }: Context, slot: string): Float64Array => memory.view(plan, slot) as Float64Array

function parameter({ parameters }: Context, name: string): number {
  return parameters[name] ?? fail(`expected the run parameter ${name}, got none; pass it to run`)
}

const interpreters: Interpreters = {
  run: ({ segment, inputs, outputs }, { plan, memory, parameters }) => {
    const { graph } = plan.segments.get(segment) ?? fail(`expected a segment of plan "${plan.title}", got ${segment}`)
    const operands = new Map(
      Object.entries(inputs).map(([port, binding]) => [port, memory.bound(plan, binding, parameters)]),
    )
    for (const [port, result] of evaluateGraph(graph, operands)) {
      const binding = outputs[port] ?? fail(`segment ${segment}: expected a binding for output ${port}, got none`)
      const into = memory.bound(plan, binding, parameters)
      into.set(binding.accumulate ? result.map((value, i) => value + into[i]!) : result)
    }
  },
  zero: ({ slots }, context) => {
    for (const slot of slots) floats(context, slot).fill(0)
  },
  globalNorm: ({ gradients, into }, context) => {
    const squares = gradients.reduce((sum, gradient) => sum + squaredNorm(floats(context, gradient)), 0)
    floats(context, into)[0] = Math.sqrt(squares)
  },
  clip: ({ gradients, norm, maximum }, context) => {
    const factor = clipFactor(floats(context, norm)[0]!, maximum)
    for (const gradient of gradients) scaleInPlace(floats(context, gradient), factor)
  },
  adamw: ({ parameters, betas, epsilon, weightDecay, norm }, context) => {
    if (!Number.isFinite(floats(context, norm)[0])) return
    const shared = {
      betas,
      epsilon,
      learningRate: parameter(context, 'learningRate'),
      step: parameter(context, 'step'),
    }
    for (const { slot, gradient, moments, decay, rate = 1 } of parameters) {
      const [p, g, m, v] = [slot, gradient, ...moments].map((name) => floats(context, name)) as Four<Float64Array>
      const learningRate = rate * shared.learningRate
      adamw(p, g, m, v, { ...shared, learningRate, weightDecay: decay ? weightDecay : 0 })
    }
  },
}

type Four<T> = [T, T, T, T]

function interpret<Name extends Action['do']>(action: Extract<Action, { readonly do: Name }>, context: Context): void {
  interpreters[action.do as Name](action, context)
}

function createReferenceExecutor(): Executor {
  const memory = createSlotMemory()
  const prepared = new Set<Plan>()
  let current: Plan | undefined
  return {
    async prepare(plans, onProgress) {
      plans.forEach((plan, i) => {
        memory.reserve(plan)
        prepared.add(plan)
        onProgress?.(i + 1, plans.length)
      })
    },
    async upload(slot, data) {
      memory.upload(slot, data)
    },
    async run(plan, phase, parameters = {}) {
      if (!prepared.has(plan)) fail(`expected a prepared plan, got "${plan.title}"; prepare it before running`)
      const actions = plan.phases[phase] ?? fail(`plan "${plan.title}": expected a list "${phase}", got none`)
      current = plan
      for (const action of actions) if (isDue(action, parameters)) interpret(action, { plan, memory, parameters })
    },
    async read(slot) {
      // A name may have another size in another plan: the last plan that ran wrote it.
      const owner = [current, ...prepared].find((plan) => plan?.slots.has(slot))
      if (!owner) fail(`slot ${slot}: expected a slot of a prepared plan; prepare the plan before reading`)
      return Float32Array.from(memory.view(owner, slot))
    },
    async dispose() {
      memory.clear()
      prepared.clear()
    },
  }
}

/** Plans interpreted in float64, one action after the other: the oracle of the other back ends, and the last resort. */
export const referenceBackend: Backend = { name: 'reference', open: async () => createReferenceExecutor() }
