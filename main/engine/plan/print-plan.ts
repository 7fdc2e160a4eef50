import { printGraph, shapeText } from '../graph'
import { forecastMemory } from './memory'
import type { Action, Binding, Plan, Slot } from './plan'
import { storageText } from './quantised-slots'

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)

const bindingText = ([port, { slot, row, rows, accumulate }]: [string, Binding]): string => {
  const at = row === undefined ? '' : `[${typeof row === 'number' ? row : row.parameter}+${rows ?? 1}]`
  return `${port} ${accumulate ? '+=' : '='} ${slot}${at}`
}

const slotText = ({ name, dtype, shape, role, storage }: Slot): string =>
  `  ${name}  ${dtype} ${shapeText(shape)}  ${role}${storage ? `  ${storageText(storage)}` : ''}`

const actionTexts: { readonly [A in Action['do']]: (action: Extract<Action, { do: A }>) => string } = {
  run: ({ segment, outputs, note, when }) =>
    `run ${segment}${note ? ` (${note})` : ''}${when ? ` if ${when.parameter} > ${when.above}` : ''} -> ` +
    Object.entries(outputs).map(bindingText).join(', '),
  zero: ({ slots }) => `zero ${slots.length} slots`,
  globalNorm: ({ gradients, into }) => `norm of ${gradients.length} gradients -> ${into}`,
  clip: ({ maximum }) => (maximum > 0 ? `clip to ${maximum}` : 'no clipping'),
  adamw: ({ parameters, betas, weightDecay }) =>
    `adamw on ${parameters.length} tensors, betas ${betas.join(' ')}, weight decay ${weightDecay}`,
}

function actionText<A extends Action['do']>(action: Extract<Action, { do: A }>): string {
  return actionTexts[action.do as A](action)
}

/** The plan as text for people: slots, segments with their use, the lists, and the memory forecast. */
export function printPlan(plan: Plan, options: { readonly graphs?: boolean } = {}): string {
  const actions = Object.values(plan.phases).flat()
  const uses = (key: string): number => actions.filter((a) => a.do === 'run' && a.segment === key).length
  const memory = forecastMemory([plan])
  const total = memory.reduce((sum, { bytes }) => sum + bytes, 0)
  return [
    `plan  ${plan.title}`,
    'slots',
    ...[...plan.slots.values()].map(slotText),
    'segments',
    ...[...plan.segments.values()].map(({ key, graph }) => `  ${key}  ${graph.nodes.length} nodes  ${uses(key)} ×`),
    ...Object.entries(plan.phases).flatMap(([phase, list]) => [phase, ...list.map((a) => `  ${actionText(a)}`)]),
    `memory  ${memory.map(({ part, bytes }) => `${part} ${megabytes(bytes)}`).join(' · ')} · peak ${megabytes(total)} MB`,
    ...(options.graphs ? [...plan.segments.values()].map(({ key, graph }) => `\n${key}\n${printGraph(graph)}`) : []),
  ].join('\n')
}
