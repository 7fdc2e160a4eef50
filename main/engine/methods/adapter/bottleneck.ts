import { GraftError } from '../../errors'
import type { Activation, Value } from '../../graph'
import {
  batchSlots,
  type ModelDefinition,
  type ModelHooks,
  type Scope,
  type Sublayer,
  type TrainableParameter,
} from '../../nn'
import type { Rng } from '../../rng'
import type { AdapterKind, Initialisation } from './kinds'

/** A set of bottlenecks, one after each of some sublayers. */
export interface Bottlenecks {
  readonly kind: AdapterKind
  /** Width of the narrow middle, h. */
  readonly size: number
  readonly activation: Activation
  /** What the bottleneck's output is multiplied with; `learned`: a trainable number that begins at 1. */
  readonly scaling: number | 'learned'
  readonly dropout: number
  readonly initialisation: Initialisation
  /** The layers that have them. */
  readonly layers: readonly number[]
}

/** ⌊d / factor⌋ as Python's `//` rounds it, and at least 1. */
export const bottleneckSize = (hidden: number, factor: number): number =>
  Math.max(1, Math.round((hidden - (hidden % factor)) / factor))

/** What AdapterHub calls a bottleneck's place within a layer. */
const modules: Readonly<Record<Sublayer, string>> = { attention: 'attention_adapters', mlp: 'output_adapters' }

/** The module path of a layer in the checkpoint (`model.layers.3`), which every site of the layer begins with. */
function layerPath({ sites }: ModelDefinition, layer: number): string {
  const site = sites.find((candidate) => candidate.layer === layer)
  const path = site && /^.*?\.\d+(?=\.)/.exec(site.name)?.[0]
  if (path !== undefined) return path
  throw new GraftError('unsupported', `adapter: layer ${layer}: expected a numbered path of modules, got ${site?.name}`)
}

/** A bottleneck's place: slots begin with it. */
export const placeOf = (model: ModelDefinition, layer: number, sublayer: Sublayer): string =>
  `${layerPath(model, layer)}.${modules[sublayer]}`

type First = (length: number, fanIn: number) => (rng: Rng) => Float32Array

const zeros: First = (length) => () => new Float32Array(length)
const ones: First = (length) => () => new Float32Array(length).fill(1)
const smallNormal: First = (length) => (rng) => Float32Array.from({ length }, () => 0.02 * rng.normal())
/** kaiming_uniform with a = √5: U(−1/√in, 1/√in). */
const kaiming: First = (length, fanIn) => (rng) =>
  Float32Array.from({ length }, () => (2 * rng.next() - 1) / Math.sqrt(fanIn))

/** Biases begin at zero. With `mam_adapter` training begins at the base model, with `bert` only near it. */
const firstWeights: Readonly<Record<Initialisation, { readonly down: First; readonly up: First }>> = {
  bert: { down: smallNormal, up: smallNormal },
  mam_adapter: { down: kaiming, up: zeros },
}

/** One bottleneck's tensors, Down [h, d] and Up [d, h], in the order of use. */
function tensorsOf(place: string, hidden: number, b: Bottlenecks): TrainableParameter[] {
  const { down, up } = firstWeights[b.initialisation]
  const tensor = (name: string, shape: readonly number[], first: First): TrainableParameter => {
    const length = shape.reduce((product, n) => product * n, 1)
    return { name: `${place}.${name}`, shape, decay: shape.length > 1, initial: first(length, shape[1] ?? 1) }
  }
  return [
    tensor('adapter_down.weight', [b.size, hidden], down),
    tensor('adapter_down.bias', [b.size], zeros),
    tensor('adapter_up.weight', [hidden, b.size], up),
    tensor('adapter_up.bias', [hidden], zeros),
    ...(b.scaling === 'learned' ? [tensor('scaling', [1], ones)] : []),
  ]
}

/** All trainable tensors, layer by layer. */
export function bottleneckTensors(model: ModelDefinition, b: Bottlenecks): TrainableParameter[] {
  return b.layers.flatMap((layer) =>
    b.kind.after.flatMap((sublayer) => tensorsOf(placeOf(model, layer, sublayer), model.config.hiddenSize, b)),
  )
}

/** s · Up f(Down u), [N, hidden] */
function bottleneck({ g, slot }: Scope, place: string, u: Value, { activation, scaling }: Bottlenecks): Value {
  const at = (name: string): Value => slot(`${place}.${name}`)
  const down = g.one('linear', [u, at('adapter_down.weight'), at('adapter_down.bias')], { alpha: 1 })
  const inner = g.one('activation', [down], { activation })
  const [weight, bias] = [at('adapter_up.weight'), at('adapter_up.bias')]
  if (scaling === 'learned')
    return g.one('mul', [g.one('linear', [inner, weight, bias], { alpha: 1 }), at('scaling')], {})
  // Scaling the bias, a vector, is cheaper than scaling every row.
  const scaled = scaling === 1 ? bias : g.one('scale', [bias], { factor: scaling })
  return g.one('linear', [inner, weight, scaled], { alpha: scaling })
}

const inputs: Readonly<Record<AdapterKind['reads'], (scope: Scope, x: Value, residual: Value) => Value>> = {
  output: (_scope, x) => x,
  sum: ({ g }, x, residual) => g.one('add', [x, residual], {}),
  stream: (_scope, _x, residual) => residual,
}

/** a + dropout(s · Up f(Down u)), u being what the kind reads. */
export function bottleneckHooks(model: ModelDefinition, b: Bottlenecks): ModelHooks {
  const { after, reads } = b.kind
  const layers = new Set(b.layers)
  return {
    afterSublayer(scope, layer, sublayer, x, residual) {
      const stream = after.indexOf(sublayer)
      if (stream < 0 || !layers.has(layer)) return x
      const { g } = scope
      const z = bottleneck(scope, placeOf(model, layer, sublayer), inputs[reads](scope, x, residual), b)
      const rate = scope.training ? b.dropout : 0
      const seed = (): Value => scope.slot(batchSlots.seeds, layer, 1)
      return g.one('add', [x, rate > 0 ? g.one('dropout', [z, seed()], { rate, stream }) : z], {})
    },
  }
}
