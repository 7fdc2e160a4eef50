import { GraftError } from '../../errors'
import { elements, type Shape } from '../../graph'
import type { Action, Binding, Plan, RunAction } from '../../plan'
import { bindKernel, sequence, type BindContext, type BoundAction, type BoundOperand } from './commands'
import { adamwKernel, adamwSettings, clipKernel, normKernel, SQUARE_PARTS, squaresKernel } from './update-kernels'
import { lowerGraph, type Place, type Program } from './lower-graph'
import { startOf, usage } from './slot-buffers'

type Binders = {
  readonly [Name in Action['do']]: (action: Extract<Action, { readonly do: Name }>, context: BindContext) => BoundAction
}

/** The programs of a plan's segments; actions that use a segment in the same way share one. */
export type Programs = Map<string, Program>

function countUses(bindings: readonly Binding[]): Map<string, number> {
  const uses = new Map<string, number>()
  for (const { slot } of bindings) uses.set(slot, (uses.get(slot) ?? 0) + 1)
  return uses
}

/** The segment's dispatches, for the way in which this action binds its outputs. */
export function programOf(programs: Programs, plan: Plan, action: RunAction): Program {
  const outputs = Object.entries(action.outputs)
  const uses = countUses([...Object.values(action.inputs), ...Object.values(action.outputs)])
  const written = (test: (binding: Binding) => boolean): Set<string> =>
    new Set(outputs.flatMap(([port, binding]) => (test(binding) ? [port] : [])))
  const needs = {
    accumulating: written(({ accumulate }) => accumulate === true),
    shared: written(({ slot }) => (uses.get(slot) as number) > 1),
  }
  const key = `${action.segment}\n${[...needs.accumulating].join()}\n${[...needs.shared].join()}`
  const segment = plan.segments.get(action.segment)
  if (!segment)
    throw new GraftError('invalid-argument', `gpu-wgsl: plan "${plan.title}": there is no segment ${action.segment}`)
  const program = programs.get(key) ?? lowerGraph(segment.graph, needs)
  programs.set(key, program)
  return program
}

function operandAt(context: BindContext, action: RunAction, place: Place): BoundOperand {
  const { plan, slots, scratch } = context
  if ('scratch' in place) return { buffer: scratch.buffer(place.scratch) }
  const binding = ('input' in place ? action.inputs[place.input] : action.outputs[place.output]) as Binding
  return { buffer: slots.buffer(binding.slot), start: startOf(plan, binding) }
}

export function bindRun(context: BindContext, programs: Programs, action: RunAction): BoundAction {
  const { steps } = programOf(programs, context.plan, action)
  return sequence(
    steps.map(({ kernel, places, accumulating }) => {
      const operands = places.map((place, i) => ({
        ...operandAt(context, action, place),
        accumulate: accumulating[i] === true,
      }))
      return bindKernel(context, kernel, operands)
    }),
  )
}

const shapeOf = ({ plan }: BindContext, slot: string): Shape => plan.slots.get(slot)?.shape ?? []

/** Bytes of one tensor's parts of a sum: also the alignment that a binding's offset must have. */
const PART_BYTES = SQUARE_PARTS * 4

export const binders = (programs: Programs): Binders => ({
  run: (action, context) => bindRun(context, programs, action),
  zero: ({ slots: names }, context) => ({
    writes: [],
    commands: names.map((name) => ({
      clear: context.slots.buffer(name),
      bytes: elements(shapeOf(context, name)) * 4,
    })),
  }),
  globalNorm: ({ gradients, into }, context) => {
    const size = Math.max(1, gradients.length) * PART_BYTES
    const parts = context.device.gpu.createBuffer({ label: 'squares', size, usage: usage.storage })
    const squares = gradients.map((name, i) =>
      bindKernel(context, squaresKernel(elements(shapeOf(context, name))), [
        { buffer: context.slots.buffer(name) },
        { buffer: parts, range: { offset: i * PART_BYTES, size: PART_BYTES } },
      ]),
    )
    const norm = bindKernel(context, normKernel(gradients.length * SQUARE_PARTS), [
      { buffer: parts },
      { buffer: context.slots.buffer(into) },
    ])
    return sequence([...squares, norm])
  },
  clip: ({ gradients, norm, maximum }, context) =>
    sequence(
      (maximum > 0 ? gradients : []).map((name) =>
        bindKernel(context, clipKernel(elements(shapeOf(context, name)), maximum), [
          { buffer: context.slots.buffer(norm) },
          { buffer: context.slots.buffer(name) },
        ]),
      ),
    ),
  adamw: (action, context) => {
    const { gpu } = context.device
    const settings = gpu.createBuffer({ label: 'adamw', size: 16, usage: usage.storage | usage.copyTarget })
    const write: BoundAction['writes'][number] = ({ learningRate, step }) => {
      if (learningRate === undefined || step === undefined) {
        const message = `gpu-wgsl: adamw: expected the run parameter ${step === undefined ? 'step' : 'learningRate'}, got none; pass it to run`
        throw new GraftError('invalid-argument', message)
      }
      gpu.queue.writeBuffer(settings, 0, adamwSettings(action, learningRate, step))
    }
    const steps = action.parameters.map(({ slot, gradient, moments, ...own }) => {
      const names = [gradient, slot, ...moments].map((name) => ({ buffer: context.slots.buffer(name) }))
      const kernel = adamwKernel(elements(shapeOf(context, slot)), action, own)
      return bindKernel(context, kernel, [
        { buffer: context.slots.buffer(action.norm) },
        { buffer: settings },
        ...names,
      ])
    })
    return sequence([{ writes: [write], commands: [] }, ...steps])
  },
})
