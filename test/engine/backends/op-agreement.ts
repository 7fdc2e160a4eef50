import { evaluateGraph } from '../../../main/engine/backends/reference'
import { optimise } from '../../../main/engine/graph'
import type { Backend } from '../../../main/engine/plan'
import { buildGradientGraph, buildGraph, differentiableInputs, makeInputs, opCases, type OpCase } from '../ops/op-cases'
import { runGraph, worstDifference } from './run-graph'

/** A way in which a back end is held against the reference: how far the worst number of a case is off. */
export interface Check {
  readonly title: string
  readonly applies: (opCase: OpCase) => boolean
  readonly worst: (backend: Backend, opCase: OpCase) => Promise<number>
}

const repeated =
  (times: number): Check['worst'] =>
  async (backend, opCase) => {
    const [graph, inputs] = [optimise(buildGraph(opCase)), makeInputs(opCase, 7)]
    const got = await runGraph(await backend.open({ threads: 1 }), graph, inputs, times)
    return worstDifference(got, evaluateGraph(graph, inputs), times)
  }

export const checks: readonly Check[] = [
  { title: 'agrees with the reference', applies: () => true, worst: repeated(1) },
  { title: 'adds to what a slot holds where the plan says so', applies: () => true, worst: repeated(3) },
  {
    title: 'agrees where forward and backward share a segment',
    applies: ({ op }) => op in differentiableInputs,
    worst: async (backend, opCase) => {
      const [graph, inputs] = [optimise(buildGradientGraph(opCase)), makeInputs(opCase, 7)]
      return worstDifference(
        await runGraph(await backend.open({ threads: 1 }), graph, inputs),
        evaluateGraph(graph, inputs),
      )
    },
  },
]

export const titledCases = opCases.map((opCase) => ({ title: `${opCase.op}: ${opCase.name}`, opCase }))
