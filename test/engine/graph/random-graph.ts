import fc from 'fast-check'
import { createGraphBuilder, elements, type GraphBuilder, type Value } from '../../../main/engine/graph'
import { normals, type NamedData } from '../ops/op-cases'

const ops = [
  'linear',
  'linearAddend',
  'weightGrad',
  'add',
  'addRow',
  'mul',
  'mulRow',
  'rmsNorm',
  'gatedActivation',
] as const

/** One node to be: which op, and which of the values that are there by then it takes. */
export interface Step {
  readonly op: (typeof ops)[number]
  readonly picks: readonly [number, number, number]
  /** Its result is an output of the graph. */
  readonly output: boolean
}

const pick = fc.nat({ max: 1000 })

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ op: fc.constantFrom(...ops), picks: fc.tuple(pick, pick, pick), output: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
)

const SIZE = 3

function addStep(g: GraphBuilder, op: Step['op'], [a, b, c]: readonly [Value, Value, Value], line: Value): Value {
  const build: Readonly<Record<Step['op'], () => Value>> = {
    linear: () => g.one('linear', [a, b], { alpha: 0.5 }),
    linearAddend: () => g.one('linear', [a, b, c], { alpha: -1 }),
    weightGrad: () => g.one('linearWeightGrad', [a, b], { alpha: 2 }),
    add: () => g.one('add', [a, b], {}),
    addRow: () => g.one('add', [line, a], {}),
    mul: () => g.one('mul', [a, b], {}),
    mulRow: () => g.one('mul', [a, line], {}),
    // Between the products, so that chains of them do not grow without bound.
    rmsNorm: () => g.one('rmsNorm', [a, line], { epsilon: 0.1, offset: 0, heads: 1 }),
    gatedActivation: () => g.one('gatedActivation', [a, b], { activation: 'silu' }),
  }
  return build[op]()
}

/** A graph over square matrices x, y, z and a row: every value fits every op. The last value is always an output. */
export function buildRandomGraph(plan: readonly Step[]) {
  const g = createGraphBuilder()
  const inputs = ['x', 'y', 'z'].map((name) => g.input(name, [SIZE, SIZE]))
  const line = g.input('row', [SIZE])
  const values = [...inputs]
  plan.forEach(({ op, picks, output }, i) => {
    const operands = picks.map((n) => values[n % values.length]) as [Value, Value, Value]
    const value = addStep(g, op, operands, line)
    values.push(value)
    if (output || i === plan.length - 1) g.output(`out${i}`, value)
  })
  return { g, inputs: [...inputs, line] }
}

export function fillRandomGraph(g: GraphBuilder, seed: number): NamedData {
  const { inputs } = g.graph()
  return new Map(inputs.map(({ name, value }, i) => [name, normals(elements(value.shape), seed + i)]))
}
