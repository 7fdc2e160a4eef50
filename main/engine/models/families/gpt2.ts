import { GraftError } from '../../errors'
import type { Activation, Value } from '../../graph'
import { batchSlots, type Attend, type LinearSite, type ModelBody, type ModelConfig } from '../../nn'
import type { Scope, WeightSpec } from '../../nn'
import type { ConfigReader } from '../config/config-reader'
import { readActivation } from '../config/read-decoder'
import { addSublayer, layerSites, linear, siteWeights, type Matrix } from '../decoder/sites'
import type { ModelFamily } from './family'

const WORDS = 'transformer.wte.weight'
const POSITIONS = 'transformer.wpe.weight'
const FINAL_NORM = 'transformer.ln_f'
const HEAD = 'lm_head.weight'

const layerPath = (layer: number): string => `transformer.h.${layer}`

function readShared(config: ConfigReader): ModelConfig {
  const [hiddenSize, heads] = [config.integer('n_embd', 768), config.integer('n_head', 12)]
  if (hiddenSize % heads !== 0) {
    const message = `config.json: n_head: expected a divisor of ${hiddenSize}, got ${heads}; the file may be damaged`
    throw new GraftError('config-invalid', message, { field: 'n_head' })
  }
  const layers = config.integer('n_layer', 12)
  return {
    family: 'gpt2',
    hiddenSize,
    layers,
    heads,
    kvHeads: heads,
    headDim: hiddenSize / heads,
    intermediateSize: config.integer('n_inner', 4 * hiddenSize),
    vocabSize: config.integer('vocab_size', 50_257),
    contextLength: config.integer('n_positions', config.integer('n_ctx', 1024)),
    normEpsilon: config.number('layer_norm_epsilon', 1e-5),
    tiedHead: config.boolean('tie_word_embeddings', true),
    rotations: {},
    windows: Array.from({ length: layers }, () => 0),
  }
}

function refuseVariants(config: ConfigReader): void {
  if (!config.boolean('add_cross_attention', false)) return
  const message =
    'config.json: add_cross_attention: expected false, got true; an encoder’s text is not read, choose another model'
  throw new GraftError('unsupported', message, { fields: ['add_cross_attention'] })
}

/** Stored as [in, out]: transformers' Conv1D. */
function matricesOf({ hiddenSize, intermediateSize }: ModelConfig): Matrix[] {
  const matrix = (module: string, inFeatures: number, outFeatures: number): Matrix => ({
    module,
    inFeatures,
    outFeatures,
    bias: true,
    storedTransposed: true,
  })
  return [
    matrix('attn.c_attn', hiddenSize, 3 * hiddenSize),
    matrix('attn.c_proj', hiddenSize, hiddenSize),
    matrix('mlp.c_fc', hiddenSize, intermediateSize),
    matrix('mlp.c_proj', intermediateSize, hiddenSize),
  ]
}

function weightsOf(config: ModelConfig, sites: readonly LinearSite[]): WeightSpec[] {
  const { hiddenSize, vocabSize, contextLength, layers, tiedHead } = config
  const norm = (path: string): WeightSpec[] =>
    ['weight', 'bias'].map((part) => ({ name: `${path}.${part}`, shape: [hiddenSize] }))
  const ofLayer = (layer: number): WeightSpec[] => [
    ...norm(`${layerPath(layer)}.ln_1`),
    ...sites.filter((site) => site.layer === layer).flatMap(siteWeights),
    ...norm(`${layerPath(layer)}.ln_2`),
  ]
  return [
    { name: WORDS, shape: [vocabSize, hiddenSize] },
    { name: POSITIONS, shape: [contextLength, hiddenSize] },
    ...Array.from({ length: layers }, (_, layer) => ofLayer(layer)).flat(),
    ...norm(FINAL_NORM),
    ...(tiedHead ? [] : [{ name: HEAD, shape: [vocabSize, hiddenSize] }]),
  ]
}

/** What scores are multiplied with, layer by layer. */
function scoreScales(config: ConfigReader, { layers, headDim }: ModelConfig): readonly number[] {
  const scale = config.boolean('scale_attn_weights', true) ? 1 / Math.sqrt(headDim) : 1
  const byLayer = config.boolean('scale_attn_by_inverse_layer_idx', false)
  return Array.from({ length: layers }, (_, layer) => scale / (byLayer ? layer + 1 : 1))
}

function body(config: ModelConfig, activation: Activation, scales: readonly number[]): ModelBody {
  const sites = layerSites(config.layers, layerPath, matricesOf(config))
  const siteOf = new Map(sites.map((site) => [site.name, site]))
  const project = (scope: Scope, layer: number, module: string, x: Value): Value =>
    linear(scope, siteOf.get(`${layerPath(layer)}.${module}`) as LinearSite, x)
  const norm = (scope: Scope, x: Value, path: string): Value =>
    scope.g.one('layerNorm', [x, scope.slot(`${path}.weight`), scope.slot(`${path}.bias`)], {
      epsilon: config.normEpsilon,
    })
  const attention = (scope: Scope, layer: number, h: Value, attend: Attend): Value => {
    const all = project(scope, layer, 'attn.c_attn', norm(scope, h, `${layerPath(layer)}.ln_1`))
    const third = (i: number): Value =>
      scope.g.one('slice', [all], { axis: 1, from: i * config.hiddenSize, to: (i + 1) * config.hiddenSize })
    const call = { layer, q: third(0), k: third(1), v: third(2), scale: scales[layer] as number }
    return project(scope, layer, 'attn.c_proj', attend(scope, call))
  }
  const mlp = (scope: Scope, layer: number, h: Value): Value => {
    const inner = project(scope, layer, 'mlp.c_fc', norm(scope, h, `${layerPath(layer)}.ln_2`))
    return project(scope, layer, 'mlp.c_proj', scope.g.one('activation', [inner], { activation }))
  }
  return {
    config,
    sites,
    weights: weightsOf(config, sites),
    renamedPrefixes: [{ own: 'transformer.', file: '' }],
    constants: () => [],
    embed(scope) {
      const { g, slot, hooks } = scope
      const words = g.one('embedding', [slot(batchSlots.ids), slot(WORDS)], {})
      const places = g.one('embedding', [slot(batchSlots.positions), slot(POSITIONS)], {})
      return g.one('add', [hooks.inputEmbeddings?.(scope, words) ?? words, places], {})
    },
    block(scope, layer, h, attend) {
      const middle = addSublayer(scope, layer, 'attention', attention(scope, layer, h, attend), h)
      return addSublayer(scope, layer, 'mlp', mlp(scope, layer, middle), middle)
    },
    finalNorm: (scope, h) => norm(scope, h, FINAL_NORM),
    wordEmbedding: { weight: WORDS, scale: 1 },
    vocabularyTable: config.tiedHead ? WORDS : HEAD,
  }
}

/**
 * Pre-norm decoder with learned positions, layer norms, biases everywhere and an MLP without a gate (Radford et al. 2019).
 * Its dropout is not applied: methods bring their own.
 */
export const gpt2: ModelFamily = {
  classes: { 'causal-lm': 'GPT2LMHeadModel', 'sequence-classification': 'GPT2ForSequenceClassification' },
  define(config) {
    refuseVariants(config)
    const shared = readShared(config)
    return body(shared, readActivation(config, 'activation_function', 'gelu_new'), scoreScales(config, shared))
  },
}
