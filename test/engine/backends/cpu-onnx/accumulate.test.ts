import { describe, expect, it } from 'vitest'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { lowerGraph } from '../../../../main/engine/backends/cpu-onnx/lower-graph'
import { createGraphBuilder, type Graph } from '../../../../main/engine/graph'
import { accumulateContract, sums } from '../accumulate-contract'

accumulateContract(cpuOnnxBackend)

describe('the ONNX model of a segment', () => {
  const hasNode = (graph: Graph, op: string, accumulating: readonly string[]): boolean =>
    new TextDecoder('latin1').decode(lowerGraph(graph, new Set(accumulating)).model).includes(`"\x03${op}`)

  it('has an addition for the slot only where no Gemm can do it', () => {
    expect(hasNode(sums.product, 'Add', ['dw'])).toBe(false)
    expect(hasNode(sums.productWithAddend, 'Add', ['y'])).toBe(true)
    expect(hasNode(sums.sum, 'Add', ['db'])).toBe(true)
    expect(hasNode(sums.sum, 'Add', [])).toBe(false)
  })

  it('refuses an op that runs on the host beside others', () => {
    const g = createGraphBuilder()
    const [dy, ids] = [g.input('dy', [3, 2]), g.input('ids', [3], 'i32')]
    g.output('dTable', g.one('embeddingGrad', [g.one('mul', [dy, dy], {}), ids], { rows: 5 }))
    expect(() => lowerGraph(g.graph(), new Set())).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('embeddingGrad') }),
    )
  })
})
