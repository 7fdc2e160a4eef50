import { GraftError } from '../errors'
import type { GraphBuilder, Node, OpName, Value } from '../graph'

/** What a rule may use: the graph it adds to, the node, the gradient of each output, and which inputs want one. */
export interface RuleContext<Op extends OpName> {
  readonly g: GraphBuilder
  readonly node: Node<Op>
  /** In the order of the inputs; the walk guarantees at least one entry of `gradients`. */
  readonly inputs: readonly Value[]
  readonly gradients: readonly (Value | undefined)[]
  readonly wanted: readonly boolean[]
}

/** Gradients in the order of the inputs; undefined where none flows. They may still have the broadcast shape. */
type Rule<Op extends OpName> = (context: RuleContext<Op>) => readonly (Value | undefined)[]

/** The inputs and the first gradient of an op with one output, as values that exist. */
function unpack<Op extends OpName>({ inputs, gradients }: RuleContext<Op>) {
  const [a, b, c, d, e] = inputs as readonly [Value, Value, Value, Value, Value]
  return { a, b, c, d, e, dy: gradients[0] as Value }
}

const isGradient = (op: OpName) => (): never => {
  throw new GraftError(
    'unsupported',
    `differentiate: expected ops that have a derivative, got ${op}, a gradient itself; second derivatives are not supported`,
    { op },
  )
}

/**
 * Reverse mode as one table: what each op passes back. The walk (`differentiate`) sums and un-broadcasts.
 * Formulas: the op's own definition in graph/ops.ts, differentiated; RMSNorm after Zhang & Sennrich 2019, layer norm after
 * Ba et al. 2016, rotary embedding after Su et al. 2021, LSTM after Hochreiter & Schmidhuber 1997.
 */
export const rules: { readonly [Op in OpName]: Rule<Op> } = {
  // y = α x wᵀ + c:  dx = α dy w,  dw = α dyᵀ x,  dc = dy
  linear: (context) => {
    const { a: x, b: w, dy } = unpack(context)
    const { g, wanted, node } = context
    const attributes = node.attributes
    return [
      wanted[0] ? g.one('linearInputGrad', [dy, w], attributes) : undefined,
      wanted[1] ? g.one('linearWeightGrad', [dy, x], attributes) : undefined,
      dy,
    ]
  },
  add: (context) => [context.gradients[0], context.gradients[0]],
  // d(a ⊙ b) = b ⊙ dy, a ⊙ dy
  mul: (context) => {
    const { a, b, dy } = unpack(context)
    return [
      context.wanted[0] ? context.g.one('mul', [dy, b], {}) : undefined,
      context.wanted[1] ? context.g.one('mul', [dy, a], {}) : undefined,
    ]
  },
  // d(a ⊘ b) = dy ⊘ b, −dy ⊙ a ⊘ b²
  div: (context) => {
    const { a, b, dy } = unpack(context)
    const { g, wanted } = context
    const slope = (): Value => g.one('div', [g.one('mul', [dy, a], {}), g.one('mul', [b, b], {})], {})
    return [
      wanted[0] ? g.one('div', [dy, b], {}) : undefined,
      wanted[1] ? g.one('scale', [slope()], { factor: -1 }) : undefined,
    ]
  },
  scale: (context) => [context.g.one('scale', [unpack(context).dy], context.node.attributes)],
  // DoRA takes it as a constant, though it is a function of what is trained (Liu et al. 2024, §4.3).
  rowNorm: () => [],
  // The same mask again: dropout is linear, and its mask a pure function of the seed.
  dropout: (context) => {
    const { b: seed, dy } = unpack(context)
    return [context.g.one('dropout', [dy, seed], context.node.attributes)]
  },
  // ρ = (mean x² + ε)^−½, v = offset + w:  dx = ρ (v ⊙ dy) − x ρ³ mean(x ⊙ v ⊙ dy),  dw = Σ dy ⊙ x ρ
  rmsNorm: (context) => {
    const { a: x, b: w, dy } = unpack(context)
    const { g, wanted, node } = context
    return [
      wanted[0] ? g.one('rmsNormInputGrad', [dy, x, w], node.attributes) : undefined,
      wanted[1] ? g.one('rmsNormWeightGrad', [dy, x], node.attributes) : undefined,
    ]
  },
  // n = (x − mean x) ρ, ρ = (var x + ε)^−½:  dx = ρ (g − mean g − n mean(g ⊙ n)) with g = w ⊙ dy,  dw = Σ dy ⊙ n,  db = Σ dy
  layerNorm: (context) => {
    const { a: x, b: w, dy } = unpack(context)
    const { g, wanted, node } = context
    return [
      wanted[0] ? g.one('layerNormInputGrad', [dy, x, w], node.attributes) : undefined,
      wanted[1] ? g.one('layerNormWeightGrad', [dy, x], node.attributes) : undefined,
      dy,
    ]
  },
  // A rotation's transpose is the rotation by the opposite angle.
  rope: (context) => {
    const { b: cos, c: sin, dy } = unpack(context)
    const { heads, inverse } = context.node.attributes
    return [context.g.one('rope', [dy, cos, sin], { heads, inverse: !inverse })]
  },
  // p = softmax(s), s = scale · q kᵀ:  dv = pᵀ do,  ds = p ⊙ (do vᵀ − rowsum(do ⊙ o)),  dq = scale · ds k,  dk = scale · dsᵀ q
  attention: (context) => {
    const { a: q, b: k, c: v, d: first, e: last, dy } = unpack(context)
    const out = context.node.outputs[0] as Value
    return context.g.apply('attentionGrad', [dy, q, k, v, first, last, out], context.node.attributes)
  },
  prepend: (context) => {
    const { g, node, inputs, gradients } = context
    const rows = inputs[1]?.shape[0] ?? 0
    return g.apply('prependGrad', [gradients[0] as Value], { batch: node.attributes.batch, rows })
  },
  // What was cut off or put around had no part in the result.
  slice: (context) => {
    const { a: x, dy } = unpack(context)
    const { axis, from, to } = context.node.attributes
    return [context.g.one('pad', [dy], { axis, before: from, after: (x.shape[axis] ?? 0) - to })]
  },
  pad: (context) => {
    const { a: x, dy } = unpack(context)
    const { axis, before } = context.node.attributes
    return [context.g.one('slice', [dy], { axis, from: before, to: before + (x.shape[axis] ?? 0) })]
  },
  concat: (context) => {
    const { axis } = context.node.attributes
    const { dy } = unpack(context)
    let from = 0
    return context.inputs.map((input, i) => {
      const to = from + (input.shape[axis] ?? 0)
      const gradient = context.wanted[i] ? context.g.one('slice', [dy], { axis, from, to }) : undefined
      from = to
      return gradient
    })
  },
  // A row passes its gradient to where it came from.
  replaceRows: (context) => {
    const { b: places, c: table, dy } = unpack(context)
    const [dx, dTable] = context.g.apply('replaceRowsGrad', [dy, places], { rows: table.shape[0] ?? 0 })
    return [dx, undefined, dTable]
  },
  // dx = dy ⊙ φ'(x)
  activation: (context) => {
    const { a: x, dy } = unpack(context)
    return [context.g.one('activationGrad', [dy, x], context.node.attributes)]
  },
  // y = φ(gate) ⊙ up:  dgate = dy ⊙ up ⊙ φ'(gate),  dup = dy ⊙ φ(gate)
  gatedActivation: (context) => {
    const { a: gate, b: up, dy } = unpack(context)
    return context.g.apply('gatedActivationGrad', [dy, gate, up], context.node.attributes)
  },
  // h = o ⊙ t, t = tanh(c'), c' = f ⊙ c + i ⊙ g; with δ = dc' + dh ⊙ o ⊙ (1 − t²):
  // di = δ ⊙ g,  df = δ ⊙ c,  dg = δ ⊙ i,  do = dh ⊙ t (each times its activation's slope),  dc = δ ⊙ f
  lstmCell: ({ g, inputs, gradients }) => {
    const [hidden, cell] = gradients
    const of = hidden && cell ? 'both' : hidden ? 'hidden' : 'cell'
    return g.apply('lstmCellGrad', [...gradients.flatMap((gradient) => gradient ?? []), ...inputs], { of })
  },
  // Rows that were looked up more than once collect the sum.
  embedding: (context) => {
    const { a: ids, b: table, dy } = unpack(context)
    const attributes = { rows: table.shape[0] ?? 0, ...context.node.attributes }
    return [undefined, context.g.one('embeddingGrad', [dy, ids], attributes)]
  },
  // p = softmax(x Eᵀ):  dx = w (p E − E[label]),  dE = (p − onehot)ᵀ (w x): never a one-hot matrix of the vocabulary
  lossHead: (context) => {
    const { a: x, b: table, c: labels, d: weight, dy } = unpack(context)
    const { g, wanted } = context
    const inputs = [dy, x, table, labels, weight]
    return [
      wanted[0] ? g.one('lossHeadInputGrad', inputs, {}) : undefined,
      wanted[1] ? g.one('lossHeadTableGrad', inputs, {}) : undefined,
    ]
  },
  sumTo: isGradient('sumTo'),
  linearInputGrad: isGradient('linearInputGrad'),
  linearWeightGrad: isGradient('linearWeightGrad'),
  rmsNormInputGrad: isGradient('rmsNormInputGrad'),
  rmsNormWeightGrad: isGradient('rmsNormWeightGrad'),
  layerNormInputGrad: isGradient('layerNormInputGrad'),
  layerNormWeightGrad: isGradient('layerNormWeightGrad'),
  attentionGrad: isGradient('attentionGrad'),
  prependGrad: isGradient('prependGrad'),
  replaceRowsGrad: isGradient('replaceRowsGrad'),
  activationGrad: isGradient('activationGrad'),
  gatedActivationGrad: isGradient('gatedActivationGrad'),
  lstmCellGrad: isGradient('lstmCellGrad'),
  embeddingGrad: isGradient('embeddingGrad'),
  lossHeadInputGrad: isGradient('lossHeadInputGrad'),
  lossHeadTableGrad: isGradient('lossHeadTableGrad'),
}
