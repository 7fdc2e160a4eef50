import { GraftError } from '../../errors'
import type { LinearSite, ModelDefinition, ParameterValues } from '../../nn'
import type { Lora, LoraSite } from './lora-sites'
import { isListable } from './overrides'

type Config = Readonly<Record<string, unknown>>

/** Short names where every module of that name is a target, whole paths otherwise: what PEFT would expand them to. */
function targetNames(model: ModelDefinition, sites: readonly LinearSite[]): string[] {
  const last = ({ name }: LinearSite): string => name.split('.').at(-1) as string
  const chosen = new Set(sites.map(({ name }) => name))
  const partial = new Set(model.sites.filter(({ name }) => !chosen.has(name)).map(last))
  return [...new Set(sites.map((site) => (partial.has(last(site)) ? site.name : last(site))))].sort()
}

/** The values that differ from the one for all, by the whole path of their matrix. */
const pattern = (sites: readonly LoraSite[], common: number, valueOf: (site: LoraSite) => number): Config =>
  Object.fromEntries(
    sites.filter((site) => valueOf(site) !== common).map((site) => [site.name.replaceAll('.', '\\.'), valueOf(site)]),
  )

/** Layers and exclusions stand in the targets: they are said by name where not all of one name are meant. */
export function loraConfig(model: ModelDefinition, { sites, r, alpha, dropout, rslora, dora }: Lora): Config {
  return {
    peft_type: 'LORA',
    r,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: rslora,
    use_dora: dora,
    bias: 'none',
    fan_in_fan_out: sites.some(({ storedTransposed }) => storedTransposed === true),
    init_lora_weights: true,
    target_modules: targetNames(model, sites),
    rank_pattern: pattern(sites, r, (site) => site.r),
    alpha_pattern: pattern(sites, alpha, (site) => site.alpha),
    modules_to_save: null,
  }
}

/** Fields of PEFT's LoraConfig that would change the result and that this method does not compute. */
const variants = ['lora_bias', 'modules_to_save']

/** Forms of known fields that cannot be said in this method's values. */
const unsayable: Readonly<Record<string, (value: unknown) => boolean>> = {
  bias: (value) => value !== 'none',
  rank_pattern: (value) => !Object.keys(value as object).every(isListable),
  alpha_pattern: (value) => !Object.keys(value as object).every(isListable),
  // A text is a regular expression on the whole path.
  exclude_modules: (value) => typeof value === 'string' && value !== '',
}

function refuseVariants(config: Config): void {
  const isSet = (value: unknown): boolean =>
    Boolean(value) && (typeof value !== 'object' || Object.keys(value as object).length > 0)
  const found = [
    ...variants.filter((name) => isSet(config[name])),
    ...Object.keys(unsayable).filter((name) => isSet(config[name]) && unsayable[name]?.(config[name])),
  ]
  if (found.length === 0) return
  const message = `adapter_config.json: expected plain LoRA, rsLoRA or DoRA, got ${found.join(', ')}; these variants are not supported yet`
  throw new GraftError('unsupported', message, { fields: found })
}

const list = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value ?? ''))

const overrides = (value: unknown): string =>
  Object.entries((value as Config | null | undefined) ?? {})
    .map(([name, number]) => `${name}=${String(number)}`)
    .join(', ')

/**
 * The method's values from an adapter_config.json of LoRA. What is absent is PEFT's default, not that of our form.
 * @throws GraftError `unsupported` for a variant that is not computed here
 */
export function loraValues(config: Config): ParameterValues {
  refuseVariants(config)
  return {
    r: (config['r'] as number | undefined) ?? 8,
    alpha: (config['lora_alpha'] as number | undefined) ?? 8,
    dropout: (config['lora_dropout'] as number | undefined) ?? 0,
    rslora: (config['use_rslora'] as boolean | undefined) ?? false,
    dora: (config['use_dora'] as boolean | undefined) ?? false,
    targets: list(config['target_modules'] ?? 'q_proj, v_proj'),
    layers: list(config['layers_to_transform']),
    exclude: list(config['exclude_modules']),
    ranks: overrides(config['rank_pattern']),
    alphas: overrides(config['alpha_pattern']),
  }
}
