import type { OnnxAttribute, OnnxConstant, OnnxNode, OnnxType } from './onnx-model'

/** An ONNX value's name and shape. */
export interface Term {
  readonly name: string
  readonly shape: readonly number[]
}

/** A tensor that the executor computes before each run, because ONNX has no operator for it. */
export interface DropoutMask {
  readonly kind: 'dropout'
  readonly input: Term
  readonly seedPort: string
  readonly rate: number
  readonly stream: number
}

/**
 * Writes ONNX nodes. Equal nodes on equal inputs are written once: a backward snippet may ask for what the forward one
 * computed and gets the same value, with no bookkeeping between them.
 */
export interface Emitter {
  emit(op: string, inputs: readonly Term[], shape: readonly number[], options?: EmitOptions): Term
  constant(type: OnnxType, data: readonly number[], shape?: readonly number[]): Term
  reshape(x: Term, shape: readonly number[]): Term
  transpose(x: Term, permutation: readonly number[]): Term
  /** Elements `from` to `to` (not included) of an axis; the term itself where that is all of it. */
  slice(x: Term, axis: number, from: number, to: number): Term
  /** Sum over the axes, which stay as size 1. */
  sum(x: Term, axes: readonly number[]): Term
  hostInput(mask: Omit<DropoutMask, 'input'>, shape: readonly number[]): Term
  readonly nodes: OnnxNode[]
  readonly constants: OnnxConstant[]
  readonly hostInputs: DropoutMask[]
}

interface EmitOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
  readonly domain?: 'com.microsoft'
}

export function createEmitter(): Emitter {
  const nodes: OnnxNode[] = []
  const constants: OnnxConstant[] = []
  const hostInputs: DropoutMask[] = []
  const known = new Map<string, Term>()
  const remember = (key: string, make: () => Term): Term => {
    const before = known.get(key)
    if (before) return before
    const term = make()
    known.set(key, term)
    return term
  }
  const emitter: Emitter = {
    nodes,
    constants,
    hostInputs,
    emit(op, inputs, shape, { attributes = {}, domain } = {}) {
      const names = inputs.map((term) => term.name)
      return remember(JSON.stringify([op, names, attributes]), () => {
        const name = `v${nodes.length}`
        nodes.push({ op, domain: domain ?? '', inputs: names, outputs: [name], attributes })
        return { name, shape }
      })
    },
    constant(type, data, shape = []) {
      return remember(JSON.stringify([type, data, shape]), () => {
        const name = `c${constants.length}`
        constants.push({ name, type, shape, data })
        return { name, shape }
      })
    },
    reshape: (x, shape) => emitter.emit('Reshape', [x, emitter.constant('int64', shape, [shape.length])], shape),
    transpose: (x, permutation) =>
      emitter.emit(
        'Transpose',
        [x],
        permutation.map((axis) => x.shape[axis] ?? 1),
        { attributes: { perm: permutation } },
      ),
    slice(x, axis, from, to) {
      if (from === 0 && to === x.shape[axis]) return x
      const bounds = [from, to, axis].map((place) => emitter.constant('int64', [place], [1]))
      const shape = x.shape.map((size, i) => (i === axis ? to - from : size))
      return emitter.emit('Slice', [x, ...bounds], shape)
    },
    sum: (x, axes) =>
      emitter.emit(
        'ReduceSum',
        [x, emitter.constant('int64', axes, [axes.length])],
        x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
        { attributes: { keepdims: 1 } },
      ),
    hostInput(mask, shape) {
      return remember(JSON.stringify([mask, shape]), () => {
        const input = { name: `host ${hostInputs.length}`, shape }
        hostInputs.push({ ...mask, input })
        return input
      })
    },
  }
  return emitter
}
