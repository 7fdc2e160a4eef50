import { elements, type AttentionAttributes } from '../../../graph'
import type { Emitter, Term } from '../program/emitter'
import type { Operand } from '../program/kernel'
import { size, term, type Lowering } from './lowering'
import { flatKernel, literal, maxReduction, read, sumReduction, unitKernel, UNIT_THREADS, write } from './templates'

interface Layout {
  /** Per sequence. */
  readonly queries: number
  readonly keys: number
  /** Query heads that share a key/value head. */
  readonly group: number
  readonly width: number
  readonly a: AttentionAttributes
  /** Heads of queries, and of keys: what the kernels count through. */
  readonly queryHeads: number
  readonly keyHeads: number
}

function layout(q: Term, k: Term, a: AttentionAttributes): Layout {
  const width = size(q, 1) / a.heads
  return {
    queries: size(q, 0) / a.batch,
    keys: size(k, 0) / a.batch,
    group: a.heads / a.kvHeads,
    width,
    a,
    queryHeads: elements(q.shape) / width,
    keyHeads: elements(k.shape) / width,
  }
}

/** Where the numbers of a head begin: `key_at` for a key of the query's own sequence. Declares what it is asked for. */
const positions = ({ queries, keys, group, width, a }: Layout): string => `
fn query_of(head: u32) -> u32 { return head / ${a.heads}u; }
fn key_at(head: u32, key: u32) -> u32 {
  let row = query_of(head) / ${queries}u * ${keys}u + key;
  return (row * ${a.kvHeads}u + head % ${a.heads}u / ${group}u) * ${width}u;
}`

/** The inner product of two heads. */
const product = (name: string, left: string, right: string, width: number): string => `
fn ${name}(l: u32, r: u32) -> f32 {
  var sum = 0.0f;
  for (var d = 0u; d < ${width}u; d++) { sum += ${left}(l + d) * ${right}(r + d); }
  return sum;
}`

const score = ({ width, a }: Layout): string => `${product('qk', 'q', 'k', width)}
fn score(l: u32, r: u32) -> f32 { return ${literal(a.scale)} * qk(l, r); }`

const ranges = [read('first', 'i32'), read('last', 'i32')]

/**
 * How many keys a query sees, and which the c-th of them is: those in front of the sequence, of which a window may leave
 * out the first ones, then its range.
 */
const seenKeys = ({ a }: Layout): string => `
fn first_of(query: u32) -> i32 {
  return ${a.window > 0 ? `max(first(query), last(query) - ${a.window - 1})` : 'first(query)'};
}
fn left_out(query: u32) -> i32 {
  return ${a.window > 0 ? `clamp(${a.prefix - a.window + 1} + last(query) - first(query), 0, ${a.prefix})` : '0'};
}
fn seen_by(query: u32) -> i32 { return ${a.prefix} - left_out(query) + max(0, last(query) - first_of(query) + 1); }
fn key_of(query: u32, c: i32) -> u32 {
  let key = left_out(query) + c;
  return u32(select(first_of(query) + key, key, key < ${a.prefix}));
}`

/** log Σ exp(score) of every query's head: keys are shared out among threads, each of which keeps its own running sum. */
function logSums(e: Emitter, inputs: readonly Term[], l: Layout): Term {
  const body = `
    let query = query_of(unit);
    var top = -1e38f;
    var sum = 0.0f;
    for (var c = i32(lane); c < seen_by(query); c += ${UNIT_THREADS}) {
      let s = score(unit * ${l.width}u, key_at(unit, key_of(query, c)));
      let higher = max(top, s);
      sum = sum * exp(top - higher) + exp(s - higher);
      top = higher;
    }
    let highest = max_all(lane, top);
    let all = sum_all(lane, sum * exp(top - highest));
    if (lane == 0u) { put_y(unit, highest + log(all)); }`
  const declarations = positions(l) + seenKeys(l) + score(l) + maxReduction + sumReduction()
  const operands = [read('q'), read('k'), ...ranges, write('y')]
  return e.one(unitKernel({ name: 'attentionLogSums', operands, declarations, body }, l.queryHeads), inputs, [
    l.queryHeads,
  ])
}

interface WeightedSum {
  readonly name: string
  readonly operands: readonly Operand[]
  readonly declarations: string
  /** Statements before the loop: they leave `begin` and `end`, i32. */
  readonly range: string
  /** WGSL of the weight of row `c`, i32, and of element `d`, u32, of that row. */
  readonly weight: string
  readonly element: string
  readonly width: number
}

/**
 * Σ weight(c) · row(c) for c from `begin` to before `end`, a workgroup for each sum: its threads first find a weight each,
 * then each takes some of the columns.
 */
function weightedSum(e: Emitter, inputs: readonly Term[], like: Term, s: WeightedSum): Term {
  const columns = Array.from({ length: Math.ceil(s.width / UNIT_THREADS) }, (_, t) => t)
  const each = (body: (t: number) => string): string =>
    columns.map((t) => `{ let d = lane + ${t * UNIT_THREADS}u; if (d < ${s.width}u) { ${body(t)} } }`).join('\n')
  const body = `
    ${s.range}
    ${columns.map((t) => `var sum${t} = 0.0f;`).join(' ')}
    for (var start = begin; start < end; start += ${UNIT_THREADS}) {
      let mine = start + i32(lane);
      if (mine < end) { weights[lane] = weight_of(unit, mine); }
      workgroupBarrier();
      let count = min(${UNIT_THREADS}, end - start);
      for (var j = 0; j < count; j++) {
        let c = start + j;
        ${each((t) => `sum${t} += weights[j] * element(unit, c, d);`)}
      }
      workgroupBarrier();
    }
    ${each((t) => `put_y(unit * ${s.width}u + d, sum${t});`)}`
  const declarations = `${s.declarations}
var<workgroup> weights: array<f32, ${UNIT_THREADS}>;
fn weight_of(unit: u32, c: i32) -> f32 { ${s.weight} }
fn element(unit: u32, c: i32, d: u32) -> f32 { return ${s.element}; }`
  const operands = [...s.operands, write('y')]
  const kernel = unitKernel({ name: s.name, operands, declarations, body }, elements(like.shape) / s.width)
  return e.one(kernel, inputs, like.shape)
}

/** For each head of a query, a sum over the keys that it sees. */
const overKeys = 'let begin = 0; let end = seen_by(query_of(unit));'

interface Forward {
  readonly out: Term
  readonly sums: Term
}

function forward(e: Emitter, [q, k, v, first, last]: readonly Term[], l: Layout): Forward {
  const [query, key, value, from, to] = [q, k, v, first, last] as [Term, Term, Term, Term, Term]
  const sums = logSums(e, [query, key, from, to], l)
  const out = weightedSum(e, [query, key, value, from, to, sums], query, {
    name: 'attention',
    operands: [read('q'), read('k'), read('v'), ...ranges, read('sums')],
    declarations: positions(l) + seenKeys(l) + score(l),
    range: overKeys,
    weight: `return exp(score(unit * ${l.width}u, key_at(unit, key_of(query_of(unit), c))) - sums(unit));`,
    element: 'v(key_at(unit, key_of(query_of(unit), c)) + d)',
    width: l.width,
  })
  return { out, sums }
}

export const attention: Lowering<'attention'> = (e, inputs, a) => [
  forward(e, inputs, layout(term(inputs, 0), term(inputs, 1), a)).out,
]

/** The log sums, then rowsum(dy ⊙ out), of every query's head: in one buffer, because a device may bind no more than 8. */
function gradientSums(e: Emitter, dy: Term, { out, sums }: Forward, l: Layout): Term {
  const declarations = product('inner', 'dy', 'out', l.width)
  const body = `
    put_y(i, sums(i));
    put_y(${l.queryHeads}u + i, inner(i * ${l.width}u, i * ${l.width}u));`
  const operands = [read('dy'), read('out'), read('sums'), write('y')]
  const kernel = flatKernel({ name: 'attentionGradSums', operands, declarations, body }, l.queryHeads)
  return e.one(kernel, [dy, out, sums], [2, l.queryHeads])
}

/** Every head of every query of a sequence, as a number c; `unit` is a key's head. */
const overQueries = ({ queries, group }: Layout): string => `let begin = 0; let end = ${queries * group};`

const queryHeads = ({ queries, keys, group, a }: Layout): string => `
fn head_of(unit: u32, c: i32) -> u32 {
  let row = unit / ${keys * a.kvHeads}u * ${queries}u + u32(c) / ${group}u;
  return row * ${a.heads}u + unit % ${a.kvHeads}u * ${group}u + u32(c) % ${group}u;
}
fn is_seen(unit: u32, head: u32) -> bool {
  let key = i32(unit / ${a.kvHeads}u % ${keys}u) - ${a.prefix};
  let query = query_of(head);
  if (key < 0) { return key + ${a.prefix} >= left_out(query); }
  return first_of(query) <= key && key <= last(query);
}`

/** p and scale · ds of one query's head and one key's, which begin at `l` and `r`. */
const slopes = (l: Layout): string => `${score(l)}${product('dyv', 'dy', 'v', l.width)}
fn slope(head: u32, l: u32, r: u32) -> f32 {
  let p = exp(score(l, r) - sums(head));
  return ${literal(l.a.scale)} * p * (dyv(l, r) - sums(${l.queryHeads}u + head));
}`

/** dv = pᵀ dy;  ds = p ⊙ (dy vᵀ − rowsum(dy ⊙ out));  dq = scale · ds k;  dk = scale · dsᵀ q */
export const attentionGrad: Lowering<'attentionGrad'> = (e, inputs, a) => {
  const [dy, q, k, v, first, last] = inputs as [Term, Term, Term, Term, Term, Term]
  const l = layout(q, k, a)
  const sums = gradientSums(e, dy, forward(e, inputs.slice(1), l), l)
  const { width } = l
  const all = [dy, q, k, v, first, last, sums]
  const operands = [read('dy'), read('q'), read('k'), read('v'), ...ranges, read('sums')]
  const dq = weightedSum(e, all, q, {
    name: 'attentionQueryGrad',
    operands,
    declarations: positions(l) + seenKeys(l) + slopes(l),
    range: overKeys,
    weight: `return slope(unit, unit * ${width}u, key_at(unit, key_of(query_of(unit), c)));`,
    element: 'k(key_at(unit, key_of(query_of(unit), c)) + d)',
    width,
  })
  const perKey = { range: overQueries(l), width }
  const weighted = (weight: string): string => `
    let head = head_of(unit, c);
    if (!is_seen(unit, head)) { return 0.0f; }
    return ${weight};`
  const dk = weightedSum(e, all, k, {
    ...perKey,
    name: 'attentionKeyGrad',
    operands,
    declarations: positions(l) + seenKeys(l) + queryHeads(l) + slopes(l),
    weight: weighted(`slope(head, head * ${width}u, unit * ${width}u)`),
    element: `q(head_of(unit, c) * ${width}u + d)`,
  })
  const dv = weightedSum(e, [dy, q, k, first, last, sums], k, {
    ...perKey,
    name: 'attentionValueGrad',
    operands: [read('dy'), read('q'), read('k'), ...ranges, read('sums')],
    declarations: positions(l) + seenKeys(l) + queryHeads(l) + score(l),
    weight: weighted(`exp(score(head * ${width}u, unit * ${width}u) - sums(head))`),
    element: `dy(head_of(unit, c) * ${width}u + d)`,
  })
  return [dq, dk, dv]
}
