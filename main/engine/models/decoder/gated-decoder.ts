import type { Activation, Value } from '../../graph'
import { batchSlots, type Attend, type ConstantSpec, type LinearSite, type ModelBody, type ModelConfig } from '../../nn'
import type { RenamedPrefix, Scope, Sublayer, WeightSpec } from '../../nn'
import { ropeTable } from './rope-table'
import { addSublayer, layerSites, linear, siteWeights, type Matrix } from './sites'

/** The names, within a layer, of the norms around a sublayer: of what it reads, and in some families of what it gives. */
interface SublayerNorms {
  readonly before: string
  readonly after?: string
}

/**
 * A decoder with rotary grouped-query attention and a gated MLP, as Llama introduced it; families say what is theirs.
 * Weights have the names that transformers gives them.
 */
export interface GatedDecoder {
  readonly config: ModelConfig
  readonly activation: Activation
  /** Modules of a layer that have a bias. */
  readonly biases: readonly string[]
  readonly norms: { readonly [S in Sublayer]: SublayerNorms }
  /** What norms' weights count from. */
  readonly normOffset: 0 | 1
  /** Queries and keys are normalised too, head by head, with weights q_norm and k_norm. */
  readonly headNorms: boolean
  /** What scores are multiplied with. */
  readonly scoreScale: number
  readonly embeddingScale: number
  /** Which of the config's rotations a layer with such a window has. */
  rotationOf(window: number): string
  readonly renamedPrefixes: readonly RenamedPrefix[]
}

const EMBEDDING = 'model.embed_tokens.weight'
const HEAD = 'lm_head.weight'
const FINAL_NORM = 'model.norm.weight'

const layerPath = (layer: number): string => `model.layers.${layer}`
const normOf = (layer: number, name: string): string => `${layerPath(layer)}.${name}.weight`

/** The seven matrices of a layer in the order of use. */
function matricesOf({ config, biases }: GatedDecoder): Matrix[] {
  const { hiddenSize, intermediateSize } = config
  const [q, kv] = [config.heads * config.headDim, config.kvHeads * config.headDim]
  const sizes: readonly (readonly [module: string, inFeatures: number, outFeatures: number])[] = [
    ['self_attn.q_proj', hiddenSize, q],
    ['self_attn.k_proj', hiddenSize, kv],
    ['self_attn.v_proj', hiddenSize, kv],
    ['self_attn.o_proj', q, hiddenSize],
    ['mlp.gate_proj', hiddenSize, intermediateSize],
    ['mlp.up_proj', hiddenSize, intermediateSize],
    ['mlp.down_proj', intermediateSize, hiddenSize],
  ]
  return sizes.map(([module, inFeatures, outFeatures]) => ({
    module,
    inFeatures,
    outFeatures,
    bias: biases.includes(module),
  }))
}

function weightsOf({ config, norms, headNorms }: GatedDecoder, sites: readonly LinearSite[]): WeightSpec[] {
  const { hiddenSize, headDim, layers, tiedHead, vocabSize } = config
  const { attention, mlp } = norms
  const norm = (layer: number, name: string | undefined, width = hiddenSize): WeightSpec[] =>
    name ? [{ name: normOf(layer, name), shape: [width] }] : []
  const ofLayer = (layer: number): WeightSpec[] => [
    ...norm(layer, attention.before),
    ...sites.filter((site) => site.layer === layer).flatMap(siteWeights),
    ...(headNorms ? ['q', 'k'].flatMap((side) => norm(layer, `self_attn.${side}_norm`, headDim)) : []),
    ...[attention.after, mlp.before, mlp.after].flatMap((name) => norm(layer, name)),
  ]
  const table = [vocabSize, hiddenSize]
  return [
    { name: EMBEDDING, shape: table },
    ...Array.from({ length: layers }, (_, layer) => ofLayer(layer)).flat(),
    { name: FINAL_NORM, shape: [hiddenSize] },
    ...(tiedHead ? [] : [{ name: HEAD, shape: table }]),
  ]
}

/** cos and sin of every rotation: `rope.cos` [positions, headDim / 2] … */
function rotationTables({ rotations, headDim }: ModelConfig, positions: number): ConstantSpec[] {
  return Object.entries(rotations).flatMap(([name, rope]) =>
    (['cos', 'sin'] as const).map((part) => ({
      name: `${name}.${part}`,
      shape: [positions, headDim / 2],
      make: () => ropeTable(rope, headDim, positions, part),
    })),
  )
}

function rotate(scope: Scope, x: Value, heads: number, rotation: string): Value {
  const angle = (part: string): Value =>
    scope.g.one('embedding', [scope.slot(batchSlots.positions), scope.slot(`${rotation}.${part}`)], {})
  return scope.g.one('rope', [x, angle('cos'), angle('sin')], { heads, inverse: false })
}

export function gatedDecoder(decoder: GatedDecoder): ModelBody {
  const { config, norms, normOffset, activation, embeddingScale } = decoder
  const sites = layerSites(config.layers, layerPath, matricesOf(decoder))
  const siteOf = new Map(sites.map((site) => [site.name, site]))
  const project = (scope: Scope, layer: number, module: string, x: Value): Value =>
    linear(scope, siteOf.get(`${layerPath(layer)}.${module}`) as LinearSite, x)
  const norm = (scope: Scope, x: Value, weight: string, heads = 1): Value =>
    scope.g.one('rmsNorm', [x, scope.slot(weight)], { epsilon: config.normEpsilon, offset: normOffset, heads })

  const attention = (scope: Scope, layer: number, x: Value, attend: Attend): Value => {
    const window = config.windows[layer] as number
    const rotation = decoder.rotationOf(window)
    const turned = (side: 'q' | 'k', heads: number): Value => {
      const y = project(scope, layer, `self_attn.${side}_proj`, x)
      const even = decoder.headNorms ? norm(scope, y, normOf(layer, `self_attn.${side}_norm`), heads) : y
      return rotate(scope, even, heads, rotation)
    }
    const [q, k] = [turned('q', config.heads), turned('k', config.kvHeads)]
    const v = project(scope, layer, 'self_attn.v_proj', x)
    const mixed = attend(scope, { layer, q, k, v, scale: decoder.scoreScale, window })
    return project(scope, layer, 'self_attn.o_proj', mixed)
  }
  const mlp = (scope: Scope, layer: number, x: Value): Value => {
    const [gate, up] = [project(scope, layer, 'mlp.gate_proj', x), project(scope, layer, 'mlp.up_proj', x)]
    return project(scope, layer, 'mlp.down_proj', scope.g.one('gatedActivation', [gate, up], { activation }))
  }
  /** norm → sublayer → (method) → (norm) → sum */
  const around = (scope: Scope, layer: number, sublayer: Sublayer, h: Value, inner: (x: Value) => Value): Value => {
    const { before, after } = norms[sublayer]
    const y = inner(norm(scope, h, normOf(layer, before)))
    return addSublayer(scope, layer, sublayer, y, h, (x) => (after ? norm(scope, x, normOf(layer, after)) : x))
  }
  return {
    config,
    sites,
    weights: weightsOf(decoder, sites),
    renamedPrefixes: decoder.renamedPrefixes,
    constants: (maxLength) => rotationTables(config, maxLength),
    embed(scope) {
      const factor = embeddingScale === 1 ? {} : { factor: embeddingScale }
      const x = scope.g.one('embedding', [scope.slot(batchSlots.ids), scope.slot(EMBEDDING)], factor)
      return scope.hooks.inputEmbeddings?.(scope, x) ?? x
    },
    block(scope, layer, h, attend) {
      const middle = around(scope, layer, 'attention', h, (x) => attention(scope, layer, x, attend))
      return around(scope, layer, 'mlp', middle, (x) => mlp(scope, layer, x))
    },
    finalNorm: (scope, h) => norm(scope, h, FINAL_NORM),
    wordEmbedding: { weight: EMBEDDING, scale: embeddingScale },
    vocabularyTable: config.tiedHead ? EMBEDDING : HEAD,
  }
}
