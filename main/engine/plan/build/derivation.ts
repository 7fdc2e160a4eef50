import type { AppliedMethod, Derivation, ModelDefinition } from '../../nn'
import type { Action, Plan } from '../plan'
import { addSlot, derivedTensors, gradientOf, type SlotTable } from '../slots'
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

function deriveAction(input: DerivationInput, { tensors, build }: Derivation, note: string, training: boolean): Action {
  const scope = scopeOf(input, 'derive', training)
  const values = build(scope)
  tensors.forEach(({ name }, i) => {
    const value = values[i]
    if (value) scope.output(`derived ${i}`, value, { slot: name })
  })
  return scope.action(note)
}

function deriveBackwardAction(input: DerivationInput, { tensors, build }: Derivation, note: string): Action {
  const scope = scopeOf(input, "derive'", true)
  const values = build(scope)
  const seeds = tensors.flatMap(({ name }, i) => {
    const value = values[i]
    return value ? [[value, scope.bind(`d derived ${i}`, { slot: gradientOf(name) })] as const] : []
  })
  addBackward(input.method.trainable, scope, new Map(seeds), undefined)
  return scope.action(note)
}

const noteOf = (index: number, { length }: readonly Derivation[]): string => (length > 1 ? String(index) : '')

/** Computes the tensors that are derived from weights; nothing where there are none. */
export function deriveActions(input: DerivationInput, training: boolean): Action[] {
  const { derived = [] } = input.method
  return derived.map((derivation, i) => deriveAction(input, derivation, noteOf(i, derived), training))
}

/** Hands the derived tensors' gradients, summed over the step, on to the trainable ones: once a step, since it is linear. */
export function deriveBackwardActions(input: DerivationInput): Action[] {
  const { derived = [] } = input.method
  return derived.map((derivation, i) => deriveBackwardAction(input, derivation, noteOf(i, derived)))
}

/** The method with no more derivations than its adapter's file needs. */
function storedOnly(method: AppliedMethod): AppliedMethod {
  const stored = new Set(method.adapter?.tensors.flatMap(({ slots }) => slots))
  const derived = method.derived?.filter(({ tensors }) => tensors.some(({ name }) => stored.has(name)))
  return derived ? { ...method, derived } : method
}

/** A plan whose phase `begin` computes the derived tensors and nothing else: what an export stores. */
export function planDerivation(model: ModelDefinition, whole: AppliedMethod): Plan {
  const method = storedOnly(whole)
  const slots: SlotTable = new Map()
  for (const { name, shape } of method.trainable) addSlot(slots, name, 'trainable', shape)
  for (const { name, shape } of derivedTensors(method)) addSlot(slots, name, 'derived', shape)
  const table = createSegmentTable()
  const begin = deriveActions({ method, slots, table }, false)
  return {
    title: `derive · ${model.config.family} · ${method.info.name.en}`,
    slots,
    segments: table.segments,
    phases: { begin },
  }
}
