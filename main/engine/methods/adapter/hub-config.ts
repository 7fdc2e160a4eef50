import type { Json } from '../../checkpoint'
import { GraftError } from '../../errors'
import type { ParameterValues, StoredTensor, WeightSpec } from '../../nn'
import {
  activationAliases,
  activations,
  adapterKinds,
  type ActivationName,
  type AdapterKind,
  type Initialisation,
  type KindName,
} from './kinds'
import { layersText } from './leave-out'

/** Fields of AdapterHub's BnConfig at values that change nothing; another value is mathematics that is not computed here. */
const neutral: Json = {
  cross_adapter: false,
  inv_adapter: null,
  ln_after: false,
  ln_before: false,
  original_ln_after: true,
  phm_layer: false,
  stochastic_depth: 0,
  use_gating: false,
}

/** Fields that mean nothing while those above are neutral, or nothing once the weights are there; at their defaults. */
const informational: Json = {
  adapter_residual_before_ln: false,
  factorized_phm_W: true,
  factorized_phm_rule: false,
  hypercomplex_nonlinearity: 'glorot-uniform',
  init_weights_seed: null,
  inv_adapter_reduction_factor: null,
  learn_phm: true,
  phm_bias: true,
  phm_c_init: 'normal',
  phm_dim: 4,
  phm_init_range: 0.0001,
  phm_rank: 1,
  residual_before_ln: true,
  shared_W_phm: false,
  shared_phm_rule: true,
}

/** The fields by which AdapterHub tells the kinds apart. */
const placing = ({ after, reads }: AdapterKind): Json => ({
  is_parallel: reads === 'stream',
  mh_adapter: after.includes('attention'),
  original_ln_before: reads === 'sum',
  output_adapter: after.includes('mlp'),
})

/** What a method's values come to: what is written. */
export interface HubSettings {
  readonly kind: AdapterKind
  readonly reduction: number
  readonly activation: ActivationName
  readonly scaling: number | 'learned'
  readonly dropout: number
  readonly initialisation: Initialisation
  readonly leaveOut: readonly number[]
}

/** AdapterHub's BnConfig, every field of it. */
export function hubConfig({
  kind,
  reduction,
  activation,
  scaling,
  dropout,
  initialisation,
  leaveOut,
}: HubSettings): Json {
  return {
    ...neutral,
    ...informational,
    ...placing(kind),
    dropout,
    init_weights: initialisation,
    leave_out: leaveOut,
    non_linearity: activation,
    reduction_factor: reduction,
    scaling,
  }
}

/** The release whose file format is written; the prefix tells it from that of older libraries. */
export const HUB_VERSION = 'adapters.1.2.0'

/** What an adapter of ours is called inside its tensors' names; whoever loads it may call it otherwise. */
export const HUB_NAME = 'graft'

/** `PLACE.adapter_down.weight` → `PLACE.adapters.graft.adapter_down.0.weight`: Down is the first of a sequence there. */
export const hubTensors = (tensors: readonly WeightSpec[]): StoredTensor[] =>
  tensors.map(({ name, shape }) => ({
    name: name.replace(
      /_adapters\.(adapter_down)?/,
      (_, down) => `_adapters.adapters.${HUB_NAME}.${down ? `${down}.0` : ''}`,
    ),
    shape,
    slots: [name],
  }))

function refuse(fields: readonly string[], expected: string, got: string, advice: string): never {
  const message = `adapter_config.json: ${fields.join(', ')}: expected ${expected}, got ${got}; ${advice}`
  throw new GraftError('unsupported', message, { fields: [...fields] })
}

const shown = (config: Json, fields: readonly string[]): string =>
  fields.map((field) => JSON.stringify(config[field]) ?? 'nothing').join(', ')

function refuseVariants(config: Json): void {
  const advice = "load it with AdapterHub's library"
  const kind = config['architecture'] ?? undefined
  if (kind !== undefined) {
    const library = kind === 'lora' || String(kind).includes('prompt') || kind === 'prefix_tuning'
    const other = library ? 'train and save it with PEFT, whose format of it is read here' : advice
    refuse(['architecture'], 'a bottleneck adapter', String(kind), other)
  }
  const fields = Object.keys(neutral).filter((field) => (config[field] ?? neutral[field]) !== neutral[field])
  if (fields.length > 0) refuse(fields, 'a plain bottleneck', shown(config, fields), advice)
  // On a decoder it matters only where the bottleneck reads the sum: the stream would then be added twice.
  const residual = config['residual_before_ln'] ?? true
  const harmless = residual === true || (residual === false && config['original_ln_before'] !== true)
  if (!harmless) refuse(['residual_before_ln'], 'true', JSON.stringify(residual), advice)
}

function kindOf(config: Json): KindName {
  const [mh, output] = [config['mh_adapter'] === true, config['output_adapter'] === true]
  const parallel = config['is_parallel'] === true
  for (const [name, { after, reads }] of Object.entries(adapterKinds) as [KindName, AdapterKind][]) {
    const samePlaces = after.includes('attention') === mh && after.includes('mlp') === output
    // A parallel bottleneck never reads the sublayer's output, whatever is done to that.
    const sameInput = parallel
      ? reads === 'stream'
      : reads === (config['original_ln_before'] === true ? 'sum' : 'output')
    if (samePlaces && sameInput) return name
  }
  const fields = ['mh_adapter', 'output_adapter', 'is_parallel', 'original_ln_before']
  const known = Object.keys(adapterKinds).join(', ')
  return refuse(fields, `those of ${known}`, shown(config, fields), "load it with AdapterHub's library")
}

function reductionOf(config: Json): number {
  const given = config['reduction_factor']
  // A factor for each layer: the same for all is one factor.
  const factors = typeof given === 'object' && given !== null ? [...new Set(Object.values(given))] : [given]
  const [factor] = factors
  if (factors.length === 1 && typeof factor === 'number' && factor > 0) return factor
  return refuse(
    ['reduction_factor'],
    'one positive number',
    shown(config, ['reduction_factor']),
    'use one for all layers',
  )
}

function activationOf(config: Json): ActivationName {
  const name = String(config['non_linearity']).toLowerCase()
  const found = Object.hasOwn(activationAliases, name) ? activationAliases[name] : name
  if (found !== undefined && Object.hasOwn(activations, found)) return found as ActivationName
  const known = Object.keys(activations).join(', ')
  return refuse(['non_linearity'], `one of ${known}`, name, 'this activation is not computed here')
}

function scalingOf(config: Json): string {
  const scaling = config['scaling'] ?? 1
  if (scaling === 'learned' || (typeof scaling === 'number' && Number.isFinite(scaling))) return String(scaling)
  return refuse(['scaling'], 'a number or "learned"', JSON.stringify(scaling), "load it with AdapterHub's library")
}

function leftOut(config: Json): string {
  const layers = config['leave_out'] ?? []
  if (Array.isArray(layers) && layers.every((layer) => Number.isInteger(layer) && layer >= 0)) return layersText(layers)
  return refuse(['leave_out'], 'a list of layers', JSON.stringify(layers), 'correct the list')
}

const PRESENT_VERSION = 'adapters.'

/**
 * The method's values for an adapter_config.json of AdapterHub's, or undefined where it is of another library.
 * @throws GraftError `unsupported` for an adapter that is no plain bottleneck of the three kinds
 */
export function valuesFromHub(file: Json): ParameterValues | undefined {
  const config = file['config']
  if ('peft_type' in file || typeof config !== 'object' || config === null || Array.isArray(config)) return undefined
  const version = String(file['version'] ?? 'none')
  if (!version.startsWith(PRESENT_VERSION))
    refuse(
      ['version'],
      'adapters.1.0 or later',
      version,
      'save the adapter again with a current release of that library',
    )
  const fields = config as Json
  refuseVariants(fields)
  const initialisation = fields['init_weights']
  return {
    kind: kindOf(fields),
    reduction: reductionOf(fields),
    activation: activationOf(fields),
    scaling: scalingOf(fields),
    dropout: typeof fields['dropout'] === 'number' ? fields['dropout'] : 0,
    leave_out: leftOut(fields),
    // Weights are there: how they began matters no more.
    ...(initialisation === 'bert' || initialisation === 'mam_adapter' ? { initialisation } : {}),
  }
}
