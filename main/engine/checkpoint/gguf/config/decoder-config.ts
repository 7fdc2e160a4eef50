import { GraftError } from '../../../errors'
import { keyError, shortest, type ModelKeys } from './keys'
import { ropeParametersOf } from './rope-factors'

type Json = Readonly<Record<string, unknown>>

/** Models of the same architecture that compute something else than the plain decoder. */
function refuseVariants(keys: ModelKeys, headDim: number): void {
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
function ropeParameters(keys: ModelKeys, headDim: number): Json {
  const theta = shortest(keys.number('rope.freq_base') ?? 10_000)
  const factor = keys.number('rope.scaling.factor') ?? keys.number('rope.scale_linear') ?? 1
  const type = keys.text('rope.scaling.type') ?? (factor === 1 ? 'none' : 'linear')
  if (type !== 'none' && type !== 'linear') return { rope_type: type, rope_theta: theta, factor }
  const stretch = type === 'linear' ? factor : 1
  const { ropeDivisors: divisors } = keys
  if (divisors) {
    if (divisors.length !== headDim / 2)
      throw keyError(keys.file, 'rope_freqs.weight', `${headDim / 2} divisors`, `${divisors.length}`)
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
export function tokenIds(keys: ModelKeys): Json {
  const names = { bos_token_id: 'bos', eos_token_id: 'eos', pad_token_id: 'padding' }
  const found = Object.entries(names).map(([field, name]) => [field, keys.tokenId(name)])
  return Object.fromEntries(found.filter(([, id]) => id !== undefined))
}

/**
 * The fields that all architectures with rotary attention and a gated MLP share. The vocabulary's size and a tied head are
 * read off the tensors, which cannot be wrong about them.
 * @throws GraftError 'config-invalid' where a key is missing, 'unsupported' for a variant
 */
export function decoderConfig(keys: ModelKeys) {
  const [hiddenSize, heads] = [keys.required('embedding_length'), keys.required('attention.head_count')]
  const headDim = keys.number('attention.key_length') ?? hiddenSize / heads
  refuseVariants(keys, headDim)
  return {
    hidden_size: hiddenSize,
    intermediate_size: keys.required('feed_forward_length'),
    num_hidden_layers: keys.required('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: keys.number('attention.head_count_kv') ?? heads,
    head_dim: headDim,
    max_position_embeddings: keys.required('context_length'),
    rms_norm_eps: keys.fraction('attention.layer_norm_rms_epsilon'),
    vocab_size: keys.vocabularySize(),
    tie_word_embeddings: !keys.hasTensor('output.weight'),
    rope_parameters: ropeParameters(keys, headDim),
    ...tokenIds(keys),
  }
}
