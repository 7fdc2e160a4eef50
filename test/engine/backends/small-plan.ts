import { differentiate } from '../../../main/engine/autodiff'
import { createGraphBuilder, type Graph, type Value } from '../../../main/engine/graph'
import type { Action, Plan, Segment, Slot } from '../../../main/engine/plan'

const WIDTH = 3
const WORDS = 5
export const CHUNK = 2

const slot = (name: string, role: Slot['role'], shape: readonly number[], dtype: Slot['dtype'] = 'f32'): Slot => ({
  name,
  role,
  shape,
  dtype,
})

/** Rows of x are shifted by a bias: [N, width]. */
function shiftGraph(rows: number): Graph {
  const g = createGraphBuilder()
  g.output('y', g.one('add', [g.input('x', [rows, WIDTH]), g.input('bias', [WIDTH])], {}))
  return g.graph()
}

/** The loss of a chunk of rows, with the gradients of the table and of the rows. */
function headGraph(): Graph {
  const g = createGraphBuilder()
  const [h, table] = [g.input('h', [CHUNK, WIDTH]), g.input('table', [WORDS, WIDTH])]
  const [labels, weight] = [g.input('labels', [CHUNK], 'i32'), g.input('weight', [CHUNK])]
  const loss = g.one('lossHead', [h, table, labels, weight], {})
  const [dTable, dh] = differentiate(g, new Map([[loss, g.input('scale', [1])]]), [table, h])
  g.output('loss', loss)
  g.output('dTable', dTable!)
  g.output('dh', dh!)
  return g.graph()
}

/** The bias's gradient from that of the shifted rows. */
function shiftBackwardGraph(rows: number): Graph {
  const g = createGraphBuilder()
  g.output('dBias', g.one('sumTo', [g.input('dy', [rows, WIDTH])], { shape: [WIDTH] }))
  return g.graph()
}

function headAction(row: number): Action {
  const part = { row, rows: CHUNK }
  return {
    do: 'run',
    segment: 'head',
    inputs: {
      h: { slot: 'h', ...part },
      table: { slot: 'table' },
      labels: { slot: 'labels', ...part },
      weight: { slot: 'weight', ...part },
      scale: { slot: 'scale' },
    },
    outputs: {
      loss: { slot: 'loss', accumulate: true },
      dTable: { slot: 'table.grad', accumulate: true },
      dh: { slot: 'dh', ...part },
    },
    note: `rows from ${row}`,
  }
}

const slots = (rows: number): Slot[] => [
  slot('x', 'batch', [rows, WIDTH]),
  slot('labels', 'batch', [rows], 'i32'),
  slot('weight', 'batch', [rows]),
  slot('scale', 'batch', [1]),
  slot('h', 'activation', [rows, WIDTH]),
  slot('dh', 'activation', [rows, WIDTH]),
  slot('loss', 'scalar', [1]),
  slot('norm', 'scalar', [1]),
  slot('cache', 'cache', [4, WIDTH]),
  ...(['table', 'bias'] as const).flatMap((name) => {
    const shape = name === 'table' ? [WORDS, WIDTH] : [WIDTH]
    return [
      slot(name, 'trainable', shape),
      slot(`${name}.grad`, 'gradient', shape),
      slot(`${name}.m`, 'moment', shape),
      slot(`${name}.v`, 'moment', shape),
    ]
  }),
]

const updateActions = (maximum: number, tableRate?: number): Action[] => {
  const gradients = ['table.grad', 'bias.grad']
  const parameters = ['table', 'bias'].map((name) => ({
    slot: name,
    gradient: `${name}.grad`,
    moments: [`${name}.m`, `${name}.v`] as const,
    decay: name === 'table',
    ...(name === 'table' && tableRate !== undefined && { rate: tableRate }),
  }))
  return [
    { do: 'globalNorm', gradients, into: 'norm' },
    { do: 'clip', gradients, norm: 'norm', maximum },
    { do: 'adamw', parameters, betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.1, norm: 'norm' },
  ]
}

/** A model of two trainable tensors, its loss head in chunks of rows. `logits` copies one row of h into the cache. */
interface SmallPlanOptions {
  readonly rows: number
  readonly maximum?: number
  /** What the table's learning rate is multiplied with. */
  readonly tableRate?: number
}

export function smallPlan({ rows, maximum = 0, tableRate }: SmallPlanOptions): Plan {
  const segments: Segment[] = [
    { key: 'shift', label: 'shift', graph: shiftGraph(rows) },
    { key: 'head', label: 'head', graph: headGraph() },
    { key: "shift'", label: "shift'", graph: shiftBackwardGraph(rows) },
    { key: 'row', label: 'row', graph: shiftGraph(1) },
  ]
  const shift: Action = {
    do: 'run',
    segment: 'shift',
    inputs: { x: { slot: 'x' }, bias: { slot: 'bias' } },
    outputs: { y: { slot: 'h' } },
    note: '',
  }
  const shiftBackward: Action = {
    do: 'run',
    segment: "shift'",
    inputs: { dy: { slot: 'dh' } },
    outputs: { dBias: { slot: 'bias.grad', accumulate: true } },
    note: '',
  }
  const copyRow: Action = {
    do: 'run',
    segment: 'row',
    inputs: { x: { slot: 'x', row: { parameter: 'from' } }, bias: { slot: 'bias' } },
    outputs: { y: { slot: 'cache', row: { parameter: 'to' } } },
    note: '',
  }
  const heads = Array.from({ length: rows / CHUNK }, (_, i) => headAction(i * CHUNK))
  return {
    title: `small, ${rows} rows`,
    slots: new Map(slots(rows).map((s) => [s.name, s])),
    segments: new Map(segments.map((segment) => [segment.key, segment])),
    phases: {
      begin: [{ do: 'zero', slots: ['loss', 'table.grad', 'bias.grad'] }],
      forward: [shift],
      backward: [...heads, shiftBackward],
      update: updateActions(maximum, tableRate),
      logits: [copyRow],
    },
  }
}

/** One action that swaps two slots and adds both, and itself, to a third. */
export function crossingPlan(): Plan {
  const g = createGraphBuilder()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => g.input(name, [3])) as [Value, Value, Value]
  g.output('b out', b)
  g.output('a out', a)
  g.output('c out', g.one('add', [g.one('add', [a, b], {}), c], {}))
  const action: Action = {
    do: 'run',
    segment: 'cross',
    inputs: { a: { slot: 'left' }, b: { slot: 'right' }, c: { slot: 'sum' } },
    outputs: {
      'b out': { slot: 'left' },
      'a out': { slot: 'right' },
      'c out': { slot: 'sum', accumulate: true },
    },
    note: '',
  }
  return {
    title: 'crossing',
    slots: new Map(['left', 'right', 'sum'].map((name) => [name, slot(name, 'gradient', [3])])),
    segments: new Map([['cross', { key: 'cross', label: 'cross', graph: g.graph() }]]),
    phases: { forward: [action] },
  }
}
