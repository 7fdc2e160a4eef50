import { GraftError } from '../../errors'
import { quote } from '../strict-json'
import { architectureOf } from './architectures'
import type { GgufHeader, GgufMetadata } from './header/read-header'
import { ropeParametersOf } from './rope-factors'

type Json = Readonly<Record<string, unknown>>

/** Typed access to the keys of one architecture. */
interface KeyReader {
  readonly file: string
  number(key: string): number | undefined
  required(key: string): number
  text(key: string): string | undefined
}

function fail(file: string, key: string, expected: string, got: string): never {
  const message = `${file}: ${key}: expected ${expected}, got ${got}; get the file again or choose another model`
  throw new GraftError('config-invalid', message, { file, key })
}

/** The file keeps decimal fractions in float32: 1e-5 would come out as 9.999999747378752e-06. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === Math.fround(value)) return rounded
  }
  return value
}

function createKeyReader(file: string, metadata: GgufMetadata, prefix: string): KeyReader {
  const number = (key: string): number | undefined => {
    const value = metadata.get(`${prefix}.${key}`)
    if (value === undefined || typeof value === 'number') return value
    return fail(file, `${prefix}.${key}`, 'a number', quote(value))
  }
  return {
    file,
    number,
    required: (key) => number(key) ?? fail(file, `${prefix}.${key}`, 'a number', 'nothing'),
    text(key) {
      const value = metadata.get(`${prefix}.${key}`)
      if (value === undefined || typeof value === 'string') return value
      return fail(file, `${prefix}.${key}`, 'a text', quote(value))
    },
  }
}

/** Models of the same architecture that compute something else than the plain decoder. */
function refuseVariants(keys: KeyReader, headDim: number): void {
  const plain: readonly (readonly [string, number])[] = [
    ['expert_count', 0],
    ['rope.dimension_count', headDim],
    ['attention.value_length', headDim],
  ]
  for (const [key, expected] of plain) {
    const got = keys.number(key) ?? expected
    if (got === expected) continue
    const message = `${keys.file}: ${key}: expected ${expected}, got ${got}; this variant is not computed, choose another model`
    throw new GraftError('unsupported', message, { file: keys.file, key })
  }
}

/** Rotary frequencies; a scaling that is not known here is named, for the model's family to refuse. */
function ropeParameters(keys: KeyReader, divisors: Float32Array | undefined, headDim: number): Json {
  const theta = shortest(keys.number('rope.freq_base') ?? 10_000)
  const factor = keys.number('rope.scaling.factor') ?? keys.number('rope.scale_linear') ?? 1
  const type = keys.text('rope.scaling.type') ?? (factor === 1 ? 'none' : 'linear')
  if (type !== 'none' && type !== 'linear') return { rope_type: type, rope_theta: theta, factor }
  const stretch = type === 'linear' ? factor : 1
  if (divisors) {
    if (divisors.length !== headDim / 2)
      fail(keys.file, 'rope_freqs.weight', `${headDim / 2} divisors`, `${divisors.length}`)
    return ropeParametersOf(
      theta,
      divisors.map((divisor) => divisor * stretch),
    )
  }
  return stretch === 1
    ? { rope_type: 'default', rope_theta: theta }
    : { rope_type: 'linear', rope_theta: theta, factor: stretch }
}

/** Ids of the vocabulary that config.json repeats. */
function tokenIds(metadata: GgufMetadata): Json {
  const names = { bos_token_id: 'bos', eos_token_id: 'eos', pad_token_id: 'padding' }
  const found = Object.entries(names).map(([field, name]) => [field, metadata.get(`tokenizer.ggml.${name}_token_id`)])
  return Object.fromEntries(found.filter(([, id]) => typeof id === 'number'))
}

/**
 * What config.json would say of the model in a GGUF file, as `defineModel` and transformers read it. The vocabulary's
 * size, biases and a tied head are read off the tensors, which cannot be wrong about them.
 * @param ropeDivisors the values of the tensor `rope_freqs.weight`, where there is one
 * @throws GraftError 'architecture-unknown', 'config-invalid' where a key is missing, 'unsupported' for a variant
 */
export function ggufConfig(file: string, { metadata, tensors }: GgufHeader, ropeDivisors?: Float32Array): Json {
  const { name, modelTypes, className } = architectureOf(file, metadata)
  const keys = createKeyReader(file, metadata, name)
  const [hiddenSize, heads] = [keys.required('embedding_length'), keys.required('attention.head_count')]
  const headDim = keys.number('attention.key_length') ?? hiddenSize / heads
  refuseVariants(keys, headDim)
  const window = keys.number('attention.sliding_window')
  return {
    architectures: [className],
    model_type: modelTypes[0],
    hidden_act: 'silu',
    hidden_size: hiddenSize,
    intermediate_size: keys.required('feed_forward_length'),
    num_hidden_layers: keys.required('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: keys.number('attention.head_count_kv') ?? heads,
    head_dim: headDim,
    max_position_embeddings: keys.required('context_length'),
    rms_norm_eps: shortest(keys.required('attention.layer_norm_rms_epsilon')),
    vocab_size: tensors.get('token_embd.weight')?.shape[0] ?? keys.required('vocab_size'),
    tie_word_embeddings: !tensors.has('output.weight'),
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_up.bias'),
    rope_parameters: ropeParameters(keys, ropeDivisors, headDim),
    ...(window ? { sliding_window: window } : {}),
    ...tokenIds(metadata),
  }
}
