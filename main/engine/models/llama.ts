import { GraftError } from '../errors'
import type { Value } from '../graph'
import { batchSlots, type Attend, type LinearSite, type ModelBody, type ModelConfig, type Scope } from '../nn'
import type { Sublayer, WeightSpec } from '../nn'
import { createConfigReader, type ConfigReader, type Json } from './config-reader'
import { readRope, ropeTable } from './rope'

/** Within Mistral's window every key is in sight: sequences up to it are computed exactly, longer ones would not be. */
function contextLength(config: ConfigReader): number {
  const positions = config.integer('max_position_embeddings', 2048)
  return config.has('sliding_window') ? Math.min(positions, config.integer('sliding_window')) : positions
}

/** Query heads share key/value heads in equal groups, and a head's elements are turned in pairs. */
function checkHeads({ heads, kvHeads, headDim }: ModelConfig): void {
  const fail = (field: string, expected: string, value: number): never => {
    const message = `config.json: ${field}: expected ${expected}, got ${value}; the file may be damaged`
    throw new GraftError('config-invalid', message, { field })
  }
  if (heads % kvHeads !== 0) fail('num_key_value_heads', `a divisor of ${heads} heads`, kvHeads)
  if (headDim % 2 !== 0) fail('head_dim', 'an even number', headDim)
}

/** Llama, Mistral, SmolLM2: pre-norm decoder with rotary grouped-query attention and a gated SiLU MLP. */
export function readLlamaConfig(json: Json): ModelConfig {
  const config = createConfigReader(json, 'config.json')
  const activation = config.text('hidden_act', 'silu')
  if (activation !== 'silu')
    throw new GraftError(
      'unsupported',
      `config.json: hidden_act: expected silu, got ${activation}; this activation is not computed yet`,
      { activation },
    )
  const hiddenSize = config.integer('hidden_size')
  const heads = config.integer('num_attention_heads')
  const headDim = config.integer('head_dim', hiddenSize / heads)
  const read: ModelConfig = {
    family: 'llama',
    hiddenSize,
    layers: config.integer('num_hidden_layers'),
    heads,
    kvHeads: config.integer('num_key_value_heads', heads),
    headDim,
    intermediateSize: config.integer('intermediate_size'),
    vocabSize: config.integer('vocab_size'),
    contextLength: contextLength(config),
    normEpsilon: config.number('rms_norm_eps', 1e-6),
    tiedHead: config.boolean('tie_word_embeddings', false),
    attentionBias: config.boolean('attention_bias', false),
    mlpBias: config.boolean('mlp_bias', false),
    rope: readRope(config, headDim),
  }
  checkHeads(read)
  return read
}

const EMBEDDING = 'model.embed_tokens.weight'
const HEAD = 'lm_head.weight'
const FINAL_NORM = 'model.norm.weight'
const ROPE = { cos: 'rope.cos', sin: 'rope.sin' } as const

const layerPath = (layer: number): string => `model.layers.${layer}`

/** The seven matrices of a layer in the order of use: [module, in, out, has a bias]. */
function matrices(c: ModelConfig): readonly (readonly [string, number, number, boolean])[] {
  const [q, kv] = [c.heads * c.headDim, c.kvHeads * c.headDim]
  return [
    ['self_attn.q_proj', c.hiddenSize, q, c.attentionBias],
    ['self_attn.k_proj', c.hiddenSize, kv, c.attentionBias],
    ['self_attn.v_proj', c.hiddenSize, kv, c.attentionBias],
    ['self_attn.o_proj', q, c.hiddenSize, c.attentionBias],
    ['mlp.gate_proj', c.hiddenSize, c.intermediateSize, c.mlpBias],
    ['mlp.up_proj', c.hiddenSize, c.intermediateSize, c.mlpBias],
    ['mlp.down_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ]
}

function sitesOf(config: ModelConfig): LinearSite[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    matrices(config).map(([module, inFeatures, outFeatures, bias]): LinearSite => {
      const name = `${layerPath(layer)}.${module}`
      const site = { name, layer, inFeatures, outFeatures, weight: `${name}.weight` }
      return bias ? { ...site, bias: `${name}.bias` } : site
    }),
  ).flat()
}

function weightsOf(config: ModelConfig, sites: readonly LinearSite[]): WeightSpec[] {
  const norm = (name: string): WeightSpec => ({ name, shape: [config.hiddenSize] })
  const ofLayer = (layer: number): WeightSpec[] => [
    norm(`${layerPath(layer)}.input_layernorm.weight`),
    ...sites
      .filter((site) => site.layer === layer)
      .flatMap((site): WeightSpec[] => [
        { name: site.weight, shape: [site.outFeatures, site.inFeatures] },
        ...(site.bias ? [{ name: site.bias, shape: [site.outFeatures] }] : []),
      ]),
    norm(`${layerPath(layer)}.post_attention_layernorm.weight`),
  ]
  const table = [config.vocabSize, config.hiddenSize]
  return [
    { name: EMBEDDING, shape: table },
    ...Array.from({ length: config.layers }, (_, layer) => ofLayer(layer)).flat(),
    norm(FINAL_NORM),
    ...(config.tiedHead ? [] : [{ name: HEAD, shape: table }]),
  ]
}

/** y = x wᵀ (+ b), then whatever a method does at this site. */
function linear(scope: Scope, site: LinearSite, x: Value): Value {
  const inputs = [x, scope.slot(site.weight), ...(site.bias ? [scope.slot(site.bias)] : [])]
  const y = scope.g.one('linear', inputs, { alpha: 1 })
  return scope.hooks.linear?.(scope, site, x, y) ?? y
}

/** The residual stream with a sublayer's output added, after whatever a method does to it. */
function addSublayer(scope: Scope, layer: number, sublayer: Sublayer, x: Value, residual: Value): Value {
  const added = scope.hooks.afterSublayer?.(scope, layer, sublayer, x, residual) ?? x
  return scope.g.one('add', [residual, added], {})
}

export function defineLlama(config: ModelConfig): ModelBody {
  const sites = sitesOf(config)
  const siteOf = new Map(sites.map((site) => [site.name, site]))
  const at = (layer: number, module: string): LinearSite => siteOf.get(`${layerPath(layer)}.${module}`) as LinearSite
  const norm = (scope: Scope, x: Value, weight: string): Value =>
    scope.g.one('rmsNorm', [x, scope.slot(weight)], { epsilon: config.normEpsilon, offset: 0, heads: 1 })
  const rotate = (scope: Scope, x: Value, heads: number): Value => {
    const positions = scope.slot(batchSlots.positions)
    const [cos, sin] = [ROPE.cos, ROPE.sin].map((name) => scope.g.one('embedding', [positions, scope.slot(name)], {}))
    return scope.g.one('rope', [x, cos as Value, sin as Value], { heads, inverse: false })
  }
  const attention = (scope: Scope, layer: number, h: Value, attend: Attend): Value => {
    const x = norm(scope, h, `${layerPath(layer)}.input_layernorm.weight`)
    const q = rotate(scope, linear(scope, at(layer, 'self_attn.q_proj'), x), config.heads)
    const k = rotate(scope, linear(scope, at(layer, 'self_attn.k_proj'), x), config.kvHeads)
    const v = linear(scope, at(layer, 'self_attn.v_proj'), x)
    const mixed = attend(scope, { layer, q, k, v, scale: 1 / Math.sqrt(config.headDim) })
    return linear(scope, at(layer, 'self_attn.o_proj'), mixed)
  }
  const mlp = (scope: Scope, layer: number, h: Value): Value => {
    const x = norm(scope, h, `${layerPath(layer)}.post_attention_layernorm.weight`)
    const gate = linear(scope, at(layer, 'mlp.gate_proj'), x)
    const up = linear(scope, at(layer, 'mlp.up_proj'), x)
    const inner = scope.g.one('gatedActivation', [gate, up], { activation: 'silu' })
    return linear(scope, at(layer, 'mlp.down_proj'), inner)
  }
  return {
    config,
    sites,
    weights: weightsOf(config, sites),
    constants: (maxLength) =>
      (['cos', 'sin'] as const).map((part) => ({
        name: ROPE[part],
        shape: [maxLength, config.headDim / 2],
        make: () => ropeTable(config.rope, config.headDim, maxLength, part),
      })),
    embed(scope) {
      const x = scope.g.one('embedding', [scope.slot(batchSlots.ids), scope.slot(EMBEDDING)], {})
      return scope.hooks.inputEmbeddings?.(scope, x) ?? x
    },
    block(scope, layer, h, attend) {
      const middle = addSublayer(scope, layer, 'attention', attention(scope, layer, h, attend), h)
      return addSublayer(scope, layer, 'mlp', mlp(scope, layer, middle), middle)
    },
    finalNorm: (scope, h) => norm(scope, h, FINAL_NORM),
    wordEmbedding: { weight: EMBEDDING, scale: 1 },
    vocabularyTable: config.tiedHead ? EMBEDDING : HEAD,
  }
}
