import type { Node, OpName, Value } from '../../graph'

export type HostArray = Float32Array | Int32Array

/** How the host finds the arrays behind a node's values. */
export interface HostContext {
  readonly of: (value: Value) => HostArray
}

type HostKernel = (node: Node, context: HostContext) => void

const rowWidth = (value: Value | undefined): number => value?.shape[1] ?? 1

/**
 * Copying and adding rows of a large table: as ONNX nodes these would copy the table or its gradient in every step.
 * Outputs are added to where the segment accumulates, so kernels add and the executor clears first otherwise.
 */
export const hostKernels: Partial<Record<OpName, HostKernel>> = {
  embedding: ({ inputs: [ids, table], outputs: [out] }, { of }) => {
    const width = rowWidth(table)
    const [rows, source, target] = [of(ids as Value), of(table as Value), of(out as Value)]
    for (let i = 0; i < rows.length; i++) {
      const from = (rows[i] as number) * width
      for (let j = 0; j < width; j++)
        target[i * width + j] = (target[i * width + j] as number) + (source[from + j] as number)
    }
  },
  embeddingGrad: ({ inputs: [dy, ids], outputs: [out] }, { of }) => {
    const width = rowWidth(dy)
    const [gradient, rows, target] = [of(dy as Value), of(ids as Value), of(out as Value)]
    for (let i = 0; i < rows.length; i++) {
      const to = (rows[i] as number) * width
      for (let j = 0; j < width; j++) target[to + j] = (target[to + j] as number) + (gradient[i * width + j] as number)
    }
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
