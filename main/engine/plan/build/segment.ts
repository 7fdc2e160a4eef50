import type { GraphBuilder, Value } from '../../graph'
import { createGraphBuilder, optimise, printGraph, shortHash, splitAt, type Graph, type Shape } from '../../graph'
import { GraftError } from '../../errors'
import type { ModelHooks, Scope } from '../../nn'
import type { Binding, RunAction, Segment, Slot } from '../plan'

/** Collects the segments of a plan: equal graphs become one. */
export interface SegmentTable {
  readonly segments: Map<string, Segment>
  /** Keys by printed graph. */
  readonly keys: Map<string, string>
}

export const createSegmentTable = (): SegmentTable => ({ segments: new Map(), keys: new Map() })

export interface SegmentScope extends Scope {
  /** Names this port by hand; `slot` names by itself. */
  bind(port: string, binding: Binding): Value
  output(port: string, value: Value, binding: Binding): void
  /** The slots that were asked for by name, whole, with their values. */
  readonly named: ReadonlyMap<string, Value>
  /** Closes the graph and returns the action that runs it. */
  action(note: string): RunAction
  /**
   * Closes the graph and cuts it at an input port: the action of what does not depend on it, and of the rest. `keep` makes
   * a slot for each value that the first hands to the second.
   */
  splitActions(port: string, keep: (index: number, shape: Shape) => string, note: string): SplitActions
}

export interface SplitActions {
  readonly before: RunAction
  readonly after: RunAction
}

interface SegmentOptions {
  readonly table: SegmentTable
  readonly slots: ReadonlyMap<string, Slot>
  readonly label: string
  readonly hooks: ModelHooks
  readonly training: boolean
}

/** `model.layers.7.mlp.up_proj.weight` → `model.layers.*.mlp.up_proj.weight`: the same port for every layer. */
const portName = (slot: string): string => slot.replaceAll(/\.\d+(?=\.|$)/g, '.*')

function boundShape(slot: Slot, { row, rows }: Binding): readonly number[] {
  return row === undefined && rows === undefined ? slot.shape : [rows ?? 1, ...slot.shape.slice(1)]
}

export function createSegmentScope({ table, slots, label, hooks, training }: SegmentOptions): SegmentScope {
  const g: GraphBuilder = createGraphBuilder()
  const inputs = new Map<string, Binding>()
  const outputs: Record<string, Binding> = {}
  const named = new Map<string, Value>()
  const parts = new Map<string, Value>()
  const find = (name: string): Slot => {
    const slot = slots.get(name)
    if (!slot) throw new GraftError('invalid-argument', `segment ${label}: there is no slot ${name}`)
    return slot
  }
  const bind = (port: string, binding: Binding): Value => {
    const slot = find(binding.slot)
    inputs.set(port, binding)
    return g.input(port, boundShape(slot, binding), slot.dtype)
  }
  const freePort = (slot: string): string => {
    const base = portName(slot)
    if (!inputs.has(base)) return base
    let n = 2
    while (inputs.has(`${base}#${n}`)) n++
    return `${base}#${n}`
  }
  const actionOf = (graph: Graph, name: string, note: string): RunAction => {
    const ends = (ports: Graph['inputs'], bound: (port: string) => Binding | undefined): Record<string, Binding> =>
      Object.fromEntries(ports.map((port) => [port.name, bound(port.name) as Binding]))
    const segment = addSegment(table, graph, name)
    const [fed, made] = [ends(graph.inputs, (port) => inputs.get(port)), ends(graph.outputs, (port) => outputs[port])]
    return { do: 'run', segment, inputs: fed, outputs: made, note }
  }
  return {
    g,
    hooks,
    training,
    bind,
    named,
    slot(name, row, rows) {
      const whole = row === undefined && rows === undefined
      const [known, id] = whole ? [named, name] : [parts, `${name} ${row} ${rows}`]
      const before = known.get(id)
      if (before) return before
      const binding = { slot: name, ...(row === undefined ? {} : { row }), ...(rows === undefined ? {} : { rows }) }
      const value = bind(freePort(name), binding)
      known.set(id, value)
      return value
    },
    output(port, value, binding) {
      find(binding.slot)
      g.output(port, value)
      outputs[port] = binding
    },
    action: (note) => actionOf(optimise(g.graph()), label, note),
    splitActions(port, keep, note) {
      const { before, after, kept } = splitAt(optimise(g.graph()), port)
      kept.forEach(({ name, value }, i) => {
        const binding = { slot: keep(i, value.shape) }
        inputs.set(name, binding)
        outputs[name] = binding
      })
      return { before: actionOf(before, 'block+keep', note), after: actionOf(after, `${label}(kept)`, note) }
    },
  }
}

/** @returns the key of the graph, new or known */
function addSegment(table: SegmentTable, graph: Graph, label: string): string {
  const text = printGraph(graph)
  const key = table.keys.get(text) ?? uniqueKey(table, `${label}-${shortHash(text)}`)
  table.keys.set(text, key)
  if (!table.segments.has(key)) table.segments.set(key, { key, label, graph })
  return key
}

/** The text is the identity, the hash its short name: a collision gets another name. */
function uniqueKey(table: SegmentTable, wanted: string): string {
  let key = wanted
  while (table.segments.has(key)) key += "'"
  return key
}
