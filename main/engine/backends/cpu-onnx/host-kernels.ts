import type { Node, OpAttributes, OpName, Value } from '../../graph'

export type HostArray = Float32Array | Int32Array

/** How the host finds the arrays behind a node's values. */
export interface HostContext {
  readonly of: (value: Value) => HostArray
}

type HostKernel = (node: Node, context: HostContext) => void

const rowWidth = (value: Value | undefined): number => value?.shape[1] ?? 1

/** target[to …] += factor · source[from …] */
function addRow(target: HostArray, to: number, source: HostArray, from: number, width: number, factor: number): void {
  for (let j = 0; j < width; j++) target[to + j] = (target[to + j] as number) + factor * (source[from + j] as number)
}

/**
 * Copying and adding rows of a large table: as ONNX nodes these would copy the table or its gradient in every step.
 * Outputs are added to where the segment accumulates, so kernels add and the executor clears first otherwise.
 */
export const hostKernels: Partial<Record<OpName, HostKernel>> = {
  embedding: ({ inputs: [ids, table], outputs: [out], attributes }, { of }) => {
    const width = rowWidth(table)
    const { factor = 1 } = attributes as OpAttributes['embedding']
    const [rows, source, target] = [of(ids as Value), of(table as Value), of(out as Value)]
    for (let i = 0; i < rows.length; i++) addRow(target, i * width, source, (rows[i] as number) * width, width, factor)
  },
  embeddingGrad: ({ inputs: [dy, ids], outputs: [out], attributes }, { of }) => {
    const width = rowWidth(dy)
    const { factor = 1 } = attributes as OpAttributes['embeddingGrad']
    const [gradient, rows, target] = [of(dy as Value), of(ids as Value), of(out as Value)]
    for (let i = 0; i < rows.length; i++)
      addRow(target, (rows[i] as number) * width, gradient, i * width, width, factor)
  },
}

/** Whether every op of a graph has a host kernel, each result going straight to an output, and nothing else to one. */
export function runsOnHost(graph: {
  readonly nodes: readonly Node[]
  readonly outputs: readonly { value: Value }[]
}): boolean {
  const bound = new Set(graph.outputs.map((port) => port.value))
  const made = graph.nodes.flatMap((node) => node.outputs)
  if (made.length !== graph.outputs.length || !made.every((value) => bound.has(value))) return false
  return graph.nodes.every((node) => hostKernels[node.op])
}
