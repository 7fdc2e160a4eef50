import type { Weights } from './tiny-llama'

type Vector = readonly number[]
type Matrix = readonly Vector[]

/** The few numbers that the formulas need. */
export interface PlainLlama {
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly epsilon: number
  /** Of each pair of a head. */
  readonly frequencies: Vector
  readonly weights: Weights
}

const sum = (x: Vector): number => x.reduce((a, b) => a + b, 0)
const dot = (a: Vector, b: Vector): number => sum(a.map((value, i) => value * b[i]!))
const plus = (a: Vector, b: Vector): Vector => a.map((value, i) => value + b[i]!)

function rmsNorm(x: Vector, weight: Float32Array, epsilon: number): Vector {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + epsilon)
  return x.map((value, i) => weight[i]! * value * scale)
}

/** x wᵀ + b, w as [out, in]. */
function project(x: Vector, weights: Weights, module: string): Vector {
  const weight = weights.get(`${module}.weight`)!
  const bias = weights.get(`${module}.bias`)
  return Array.from({ length: weight.length / x.length }, (_, o) => {
    const row = [...weight.subarray(o * x.length, (o + 1) * x.length)]
    return dot(x, row) + (bias?.[o] ?? 0)
  })
}

/** One head's vector: element i of the first half and element i of the second turn by position · frequency i. */
function rotate(x: Vector, position: number, frequencies: Vector): Vector {
  const half = frequencies.length
  const turned = (i: number, partner: number, sign: number): number => {
    const angle = position * frequencies[i % half]!
    return x[i]! * Math.cos(angle) + sign * x[partner]! * Math.sin(angle)
  }
  return x.map((_, i) => (i < half ? turned(i, i + half, -1) : turned(i, i - half, 1)))
}

const headOf = (x: Vector, head: number, size: number): Vector => x.slice(head * size, (head + 1) * size)

/** What the query at the last position reads from the keys and values up to it. */
function attend(q: Vector, keys: Matrix, values: Matrix): Vector {
  const scores = keys.map((key) => Math.exp(dot(q, key) / Math.sqrt(q.length)))
  const total = sum(scores)
  return q.map((_, i) => sum(values.map((value, t) => (scores[t]! / total) * value[i]!)))
}

function attention(m: PlainLlama, path: string, xs: Matrix): Matrix {
  const heads = (module: string, count: number, turn: boolean): readonly Matrix[] =>
    xs.map((x, position) => {
      const y = project(x, m.weights, `${path}.${module}`)
      const parts = Array.from({ length: count }, (_, head) => headOf(y, head, m.headDim))
      return turn ? parts.map((part) => rotate(part, position, m.frequencies)) : parts
    })
  const [q, k, v] = [
    heads('q_proj', m.heads, true),
    heads('k_proj', m.kvHeads, true),
    heads('v_proj', m.kvHeads, false),
  ]
  return q.map((own, t) => {
    const read = own.map((query, head) => {
      const shared = Math.floor(head / (m.heads / m.kvHeads))
      const seen = (all: readonly Matrix[]): Matrix => all.slice(0, t + 1).map((parts) => parts[shared]!)
      return attend(query, seen(k), seen(v))
    })
    return project(read.flat(), m.weights, `${path}.o_proj`)
  })
}

function mlp({ weights }: PlainLlama, path: string, x: Vector): Vector {
  const gate = project(x, weights, `${path}.gate_proj`)
  const up = project(x, weights, `${path}.up_proj`)
  const inner = gate.map((value, i) => (value / (1 + Math.exp(-value))) * up[i]!)
  return project(inner, weights, `${path}.down_proj`)
}

/**
 * The logits after each token of one sequence, position by position and head by head as the formulas of the Llama papers
 * read, with no regard to speed: what the engine's graph is compared with.
 */
export function plainLogits(m: PlainLlama, ids: readonly number[]): Matrix {
  const table = m.weights.get('model.embed_tokens.weight')!
  const width = m.weights.get('model.norm.weight')!.length
  const norm = (xs: Matrix, name: string): Matrix => xs.map((x) => rmsNorm(x, m.weights.get(name)!, m.epsilon))
  let xs: Matrix = ids.map((id) => [...table.subarray(id * width, (id + 1) * width)])
  for (let layer = 0; layer < m.layers; layer++) {
    const path = `model.layers.${layer}`
    const read = attention(m, `${path}.self_attn`, norm(xs, `${path}.input_layernorm.weight`))
    const middle = xs.map((x, t) => plus(x, read[t]!))
    const thought = norm(middle, `${path}.post_attention_layernorm.weight`).map((x) => mlp(m, `${path}.mlp`, x))
    xs = middle.map((x, t) => plus(x, thought[t]!))
  }
  const head = m.weights.has('lm_head.weight') ? 'lm_head' : 'model.embed_tokens'
  return norm(xs, 'model.norm.weight').map((x) => project(x, m.weights, head))
}
