import type { AppliedMethod, ModelDefinition } from '../../nn'
import type { Action, Plan } from '../plan'
import { addSlot, gradientOf, type SlotTable } from '../slots'
import { addBackward } from './differentiated'
import { createSegmentScope, createSegmentTable, type SegmentScope, type SegmentTable } from './segment'

interface DerivationInput {
  readonly method: AppliedMethod
  readonly slots: SlotTable
  readonly table: SegmentTable
}

function scopeOf({ method, slots, table }: DerivationInput, label: string, training: boolean): SegmentScope {
  return createSegmentScope({ table, slots, label, hooks: method.hooks, training })
}

/** Computes the tensors that are derived from the trainable ones; nothing where there are none. */
export function deriveActions(input: DerivationInput, training: boolean): Action[] {
  const { derived } = input.method
  if (!derived) return []
  const scope = scopeOf(input, 'derive', training)
  const values = derived.build(scope)
  derived.tensors.forEach(({ name }, i) => {
    const value = values[i]
    if (value) scope.output(`derived ${i}`, value, { slot: name })
  })
  return [scope.action('')]
}

export const derivedGradients = ({ derived }: AppliedMethod): string[] =>
  (derived?.tensors ?? []).map(({ name }) => gradientOf(name))

/** Hands the derived tensors' gradients, summed over the step, on to the trainable ones: once a step, since it is linear. */
export function deriveBackwardActions(input: DerivationInput): Action[] {
  const { derived } = input.method
  if (!derived) return []
  const scope = scopeOf(input, "derive'", true)
  const values = derived.build(scope)
  const seeds = derived.tensors.flatMap(({ name }, i) => {
    const value = values[i]
    return value ? [[value, scope.bind(`d derived ${i}`, { slot: gradientOf(name) })] as const] : []
  })
  addBackward(input.method.trainable, scope, new Map(seeds), undefined)
  return [scope.action('')]
}

/** A plan whose phase `begin` computes the derived tensors and nothing else: what an export stores. */
export function planDerivation(model: ModelDefinition, method: AppliedMethod): Plan {
  const slots: SlotTable = new Map()
  for (const { name, shape } of method.trainable) addSlot(slots, name, 'trainable', shape)
  for (const { name, shape } of method.derived?.tensors ?? []) addSlot(slots, name, 'derived', shape)
  const table = createSegmentTable()
  const begin = deriveActions({ method, slots, table }, false)
  return {
    title: `derive · ${model.config.family} · ${method.info.name.en}`,
    slots,
    segments: table.segments,
    phases: { begin },
  }
}
