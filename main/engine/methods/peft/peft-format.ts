import type { Json } from '../../checkpoint'

/** The release whose file format is written. */
export const PEFT_VERSION = '0.21.0'
export const ADAPTER_CONFIG = 'adapter_config.json'
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors'
/** The key of our own in the weights' metadata, which others pass over. */
export const BASE_FINGERPRINT = 'graft_base'

/** What is known of one `peft_type` beyond what methods declare. */
export interface PeftType {
  /** Model card tags. */
  readonly tags: readonly string[]
  /** Fields at values that change nothing; another value in a file that is read means other mathematics. */
  readonly neutral: Json
  /** Fields that do not matter once the weights are there, at PEFT's defaults. */
  readonly informational: Json
  /** What stands before the path of a module that is kept whole, such as a head: absent, as before LoRA's. */
  readonly savedPrefix?: string
}

/** Of prompts and prefixes the tensor is the whole truth: everything else says how it came about. */
const promptType = (informational: Json): PeftType => ({
  tags: [],
  neutral: {},
  informational,
  savedPrefix: 'base_model.',
})

/** Fields of PEFT 0.21's configuration classes, by `peft_type`. */
const types: Readonly<Record<string, PeftType>> = {
  LORA: {
    tags: ['lora'],
    neutral: {
      alora_invocation_tokens: null,
      arrow_config: null,
      kasa_config: null,
      layer_replication: null,
      lora_bias: false,
      monteclora_config: null,
      target_parameters: null,
      trainable_token_indices: null,
      use_bdlora: null,
      use_qalora: false,
      velora_config: null,
    },
    informational: {
      corda_config: null,
      ensure_weight_tying: false,
      eva_config: null,
      exclude_modules: null,
      // The base layer's own orientation decides.
      fan_in_fan_out: false,
      layers_pattern: null,
      layers_to_transform: null,
      loftq_config: {},
      lora_ga_config: null,
      megatron_config: null,
      megatron_core: 'megatron.core',
      qalora_group_size: 16,
    },
  },
  PREFIX_TUNING: promptType({ init_weights: null, modules_to_save: null }),
  PROMPT_TUNING: promptType({
    modules_to_save: null,
    prompt_tuning_init_text: null,
    tokenizer_kwargs: null,
    tokenizer_name_or_path: null,
  }),
  P_TUNING: promptType({ encoder_dropout: 0, modules_to_save: null }),
}

export function peftType(config: Json): PeftType {
  const name = config['peft_type']
  const type = typeof name === 'string' && Object.hasOwn(types, name) ? types[name] : undefined
  return type ?? { tags: [], neutral: {}, informational: {} }
}

/** What stands before a head's name in adapter_model.safetensors: PEFT wraps modules for LoRA, for prompts the whole model. */
export const headPrefix = (config: Json): string => peftType(config).savedPrefix ?? 'base_model.model.'

const isEmpty = (value: unknown): boolean => !value || (typeof value === 'object' && Object.keys(value).length === 0)

/** Initialisations that also changed the base model: without its changed weights the adapter means nothing. */
const changesBase = /^(pissa|olora|corda|lora_ga|loftq)/i

/** Fields of an adapter_config.json that ask for mathematics which no method here computes. */
export function unsupportedFields(config: Json): string[] {
  const fields = Object.keys(peftType(config).neutral).filter((name) => !isEmpty(config[name]))
  const initialisation = config['init_lora_weights']
  if (typeof initialisation === 'string' && changesBase.test(initialisation)) fields.push('init_lora_weights')
  return fields
}

/**
 * `owner/name` if that is what the name is, or undefined. A folder's path must not go into files that people share: it
 * shows how their disk is laid out, and means nothing elsewhere.
 */
export function hubIdOf(name: string): string | undefined {
  return /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(name) ? name : undefined
}

/** The whole adapter_config.json: what the method declares, and every other field at its default. */
export function peftConfig(own: Json, baseModelName: string): Json {
  const { neutral, informational } = peftType(own)
  return {
    ...neutral,
    ...informational,
    auto_mapping: null,
    base_model_name_or_path: hubIdOf(baseModelName) ?? null,
    inference_mode: true,
    peft_version: PEFT_VERSION,
    revision: null,
    task_type: 'CAUSAL_LM',
    ...own,
  }
}
