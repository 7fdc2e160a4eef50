import type { Json } from '../checkpoint'
import { GraftError } from '../errors'
import type { ModelConfig, ModelDefinition } from '../nn'
import type { WritableFloatDtype } from '../tensor'

const dtypeNames: Record<WritableFloatDtype, string> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }

/** Where the base came from and how it was quantised: no longer true of the merged weights. */
const dropped = ['_name_or_path', 'quantization_config']

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

/**
 * transformers 5 reads `rope_parameters`, transformers 4 only `rope_theta` and `rope_scaling`: without them it would
 * silently compute with θ = 10000. Of parameters for each kind of layer, those of full layers stood there.
 */
function olderRope(config: Json): Json {
  const rope = config['rope_parameters']
  if (!isObject(rope)) return {}
  const { full_attention: full, sliding_attention: sliding } = rope
  if (isObject(full) && isObject(sliding)) return { ...olderForm(full), rope_local_base_freq: sliding['rope_theta'] }
  return olderForm(rope)
}

function olderForm(rope: Json): Json {
  if (!('rope_theta' in rope)) return {}
  const { rope_theta, ...scaling } = rope
  const plain = (scaling['rope_type'] ?? 'default') === 'default'
  return plain ? { rope_theta } : { rope_theta, rope_scaling: scaling }
}

/**
 * No config.json can say which divisor each rotary frequency has; without them other programs would compute another model.
 * @throws GraftError `export-failed`
 */
export function requireSayableRope({ rotations }: ModelConfig): void {
  if (Object.values(rotations).every(({ scaling }) => scaling?.type !== 'factors')) return
  const expected = 'a rotary scaling that transformers knows, got divisors of its own for each frequency'
  throw new GraftError('export-failed', `export: expected ${expected}; export the adapter instead`)
}

/**
 * What a classifier's config.json says besides: its classes, and the padding beside which transformers looks for the last
 * token of a text. It has neither from the base.
 */
function classFields({ task, transformersClass }: ModelDefinition, padId: number | undefined): Json {
  if (task.kind !== 'sequence-classification') return {}
  return {
    architectures: [transformersClass],
    id2label: Object.fromEntries(task.labels.map((label, i) => [i, label])),
    label2id: Object.fromEntries(task.labels.map((label, i) => [label, i])),
    num_labels: task.labels.length,
    problem_type: 'single_label_classification',
    ...(padId !== undefined && { pad_token_id: padId }),
  }
}

/**
 * config.json of the merged model: the base's, with the weights' type under its old and its new name, and what its task
 * asks for.
 */
export function mergedConfig(base: Json, dtype: WritableFloatDtype, model: ModelDefinition, padId?: number): Json {
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !dropped.includes(name)))
  const name = dtypeNames[dtype]
  return { ...olderRope(base), ...kept, dtype: name, torch_dtype: name, ...classFields(model, padId) }
}

const idsOf = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter((id): id is number => Number.isInteger(id))

/**
 * generation_config.json: the base's, with the ids that end an answer in the chat template among those that end a
 * generation; else a model that learned to end its turn is not stopped there.
 */
export function mergedGenerationConfig(base: Json | undefined, config: Json, stopIds: readonly number[]): Json {
  const special = ['bos_token_id', 'eos_token_id', 'pad_token_id']
  const inherited = Object.fromEntries(Object.entries(config).filter(([name]) => special.includes(name)))
  const start = base ?? inherited
  const known = idsOf(start['eos_token_id'] ?? config['eos_token_id'])
  const ids = [...new Set([...known, ...stopIds])]
  if (ids.length === 0) return start
  return { ...start, eos_token_id: ids.length === 1 ? ids[0] : ids }
}
