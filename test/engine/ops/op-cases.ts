import { differentiate } from '../../../main/engine/autodiff'
import {
  createGraphBuilder,
  elements,
  type Graph,
  type GraphBuilder,
  type OpAttributes,
  type OpName,
  type Value,
} from '../../../main/engine/graph'
import { createRng } from '../../../main/engine/rng'
import type { Row } from './case-row'
import { caseTable } from './case-table'

/** One use of one op: enough to build its graph and to fill its inputs. */
export interface OpCase extends Row<OpName> {
  readonly op: OpName
}

export const opCases: readonly OpCase[] = Object.entries(caseTable).flatMap(([op, rows]) =>
  rows.map((row) => ({ op: op as OpName, ...row })),
)

/** The inputs of each differentiable op that a gradient flows to. */
export const differentiableInputs: Readonly<Partial<Record<OpName, readonly number[]>>> = {
  linear: [0, 1, 2],
  add: [0, 1],
  mul: [0, 1],
  div: [0, 1],
  // A constant by definition: none flows.
  rowNorm: [],
  scale: [0],
  dropout: [0],
  rmsNorm: [0, 1],
  layerNorm: [0, 1, 2],
  rope: [0],
  attention: [0, 1, 2],
  prepend: [0, 1],
  slice: [0],
  pad: [0],
  concat: Array.from({ length: 11 }, (_, i) => i),
  replaceRows: [0, 2],
  activation: [0],
  gatedActivation: [0, 1],
  lstmCell: [0, 1],
  embedding: [1],
  lossHead: [0, 1],
}

export const gradientInputs = ({ op, inputs }: OpCase): readonly number[] =>
  (differentiableInputs[op] ?? []).filter((i) => i < inputs.length)

/** Inputs that are no free choice but the op's own result: attentionGrad takes attention's output. */
function derivedInputs(g: GraphBuilder, { op, attributes }: OpCase, values: readonly Value[]): readonly Value[] {
  if (op !== 'attentionGrad') return []
  return [g.one('attention', values.slice(1), attributes as OpAttributes['attention'])]
}

function addCase(g: GraphBuilder, opCase: OpCase) {
  const { op, inputs, attributes } = opCase
  const values = inputs.map(({ shape, dtype }, i) => g.input(`in${i}`, shape, dtype))
  const outputs = g.apply(op, [...values, ...derivedInputs(g, opCase, values)], attributes)
  outputs.forEach((value, i) => g.output(`out${i}`, value))
  return { values, outputs }
}

/** in0, in1 … → out0, out1 … */
export function buildGraph(opCase: OpCase): Graph {
  const g = createGraphBuilder()
  addCase(g, opCase)
  return g.graph()
}

/** in0 … and dout0 …, the outputs' gradients → out0 … and din<i> for each input that a gradient flows to. */
export function buildGradientGraph(opCase: OpCase): Graph {
  const g = createGraphBuilder()
  const { values, outputs } = addCase(g, opCase)
  const seeds = new Map(outputs.map((value, i): [Value, Value] => [value, g.input(`dout${i}`, value.shape)]))
  differentiate(g, seeds, values).forEach((gradient, i) => {
    if (gradient) g.output(`din${i}`, gradient)
  })
  return g.graph()
}

export type NamedData = Map<string, Float64Array | Int32Array>

/**
 * Data for the ports in0, in1 … of a case, and dout0 … where its gradient graph is meant. Every number is a float32, so that
 * a float32 back end starts from the very same inputs.
 */
export function makeInputs(opCase: OpCase, seed: number): NamedData {
  const rng = createRng(seed)
  const data: NamedData = new Map()
  opCase.inputs.forEach(({ shape, dtype, fill }, i) => {
    const values = Array.from({ length: elements(shape) }, (_, index) => fill(rng, index))
    data.set(`in${i}`, dtype === 'i32' ? Int32Array.from(values) : Float64Array.from(values, Math.fround))
  })
  for (const { name, value } of opCase.op in differentiableInputs ? buildGradientGraph(opCase).inputs : [])
    if (name.startsWith('dout')) data.set(name, normals(elements(value.shape), rng.integer(2 ** 32)))
  return data
}

/** Standard normal float32 numbers. */
export function normals(size: number, seed: number): Float64Array {
  const rng = createRng(seed)
  return Float64Array.from({ length: size }, () => Math.fround(rng.normal()))
}
