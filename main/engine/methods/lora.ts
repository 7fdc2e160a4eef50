import { GraftError } from '../errors'
import type { Rng } from '../rng'
import type {
  AppliedMethod,
  LinearSite,
  Method,
  MethodInfo,
  ModelDefinition,
  ModelHooks,
  ParameterValues,
  ReadTensor,
  TrainableParameter,
} from '../nn'
import { batchSlots } from '../nn'
import { storedAlike } from './peft/stored-tensors'
import { matchTargets } from './targets'
import { resolveValues } from './values'
import { loraWords } from './words/lora'

const words = loraWords.parameters

const info: MethodInfo = {
  id: 'lora',
  ...loraWords.about,
  parameters: [
    { name: 'r', ...words.r, type: 'integer', default: 8, min: 1, max: 1024, usual: { low: 4, high: 256 } },
    { name: 'alpha', ...words.alpha, type: 'number', default: 16, min: 0.001, max: 4096, usual: { low: 4, high: 512 } },
    {
      name: 'dropout',
      ...words.dropout,
      type: 'number',
      default: 0,
      min: 0,
      max: 0.9,
      usual: { low: 0, high: 0.2 },
      trainingOnly: true,
      advanced: true,
    },
    { name: 'targets', ...words.targets, type: 'text', default: 'all-linear', advanced: true },
    { name: 'rslora', ...words.rslora, type: 'boolean', default: false, advanced: true },
  ],
  mergeable: true,
  exports: ['peft', 'merged-hf'],
  tasks: ['causal-lm', 'sequence-classification'],
}

interface Lora {
  readonly r: number
  readonly alpha: number
  readonly dropout: number
  readonly rslora: boolean
  readonly scale: number
  readonly sites: readonly LinearSite[]
}

const slotA = (site: LinearSite): string => `${site.name}.lora_A.weight`
const slotB = (site: LinearSite): string => `${site.name}.lora_B.weight`

/** kaiming_uniform with a = √5, as PEFT: U(−1/√in, 1/√in). B starts at zero, so that training starts at the base model. */
function initialA(site: LinearSite, r: number): (rng: Rng) => Float32Array {
  const bound = 1 / Math.sqrt(site.inFeatures)
  return (rng) => Float32Array.from({ length: r * site.inFeatures }, () => (2 * rng.next() - 1) * bound)
}

/** y + s · B(A(dropout(x))) */
function hooks({ sites, scale, dropout }: Lora): ModelHooks {
  const streams = new Map<string, number>()
  for (const site of sites) streams.set(site.name, sites.filter((other) => other.layer === site.layer).indexOf(site))
  return {
    linear(scope, site, x, y) {
      const stream = streams.get(site.name)
      if (stream === undefined) return y
      const { g } = scope
      const dropped =
        scope.training && dropout > 0
          ? g.one('dropout', [x, scope.slot(batchSlots.seeds, site.layer, 1)], { rate: dropout, stream })
          : x
      const inner = g.one('linear', [dropped, scope.slot(slotA(site))], { alpha: 1 })
      return g.one('linear', [inner, scope.slot(slotB(site)), y], { alpha: scale })
    },
  }
}

/** W ± s · B A, summed in float64 and rounded once. */
async function mergeSite(site: LinearSite, { r, scale }: Lora, read: ReadTensor, sign: 1 | -1): Promise<Float32Array> {
  const weight = (await read(site.weight)).slice()
  const a = (await read(slotA(site))).slice()
  const b = await read(slotB(site))
  const { inFeatures, outFeatures } = site
  const row = new Float64Array(inFeatures)
  for (let o = 0; o < outFeatures; o++) {
    row.fill(0)
    for (let k = 0; k < r; k++) {
      const factor = sign * scale * (b[o * r + k] as number)
      for (let i = 0; i < inFeatures; i++) row[i] = (row[i] as number) + factor * (a[k * inFeatures + i] as number)
    }
    for (let i = 0; i < inFeatures; i++)
      weight[o * inFeatures + i] = (weight[o * inFeatures + i] as number) + (row[i] as number)
  }
  return weight
}

/** Short names where every module of that name is a target, whole paths otherwise: what PEFT would expand them to. */
function targetNames(model: ModelDefinition, sites: readonly LinearSite[]): string[] {
  const last = (site: LinearSite): string => site.name.split('.').at(-1) as string
  const chosen = new Set(sites)
  const partial = new Set(model.sites.filter((site) => !chosen.has(site)).map(last))
  return [...new Set(sites.map((site) => (partial.has(last(site)) ? site.name : last(site))))].sort()
}

function adapterConfig(model: ModelDefinition, adapter: Lora): Readonly<Record<string, unknown>> {
  const { r, alpha, dropout, rslora, sites } = adapter
  return {
    peft_type: 'LORA',
    r,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: rslora,
    use_dora: false,
    bias: 'none',
    fan_in_fan_out: sites.some(({ storedTransposed }) => storedTransposed === true),
    init_lora_weights: true,
    target_modules: targetNames(model, sites),
    rank_pattern: {},
    alpha_pattern: {},
    modules_to_save: null,
  }
}

/** Fields of PEFT's LoraConfig that would change the result and that this method does not compute. */
const variants = ['use_dora', 'lora_bias', 'rank_pattern', 'alpha_pattern', 'modules_to_save', 'layers_to_transform']

function refuseVariants(config: Readonly<Record<string, unknown>>): void {
  const set = variants.filter((name) => {
    const value = config[name]
    return Boolean(value) && (typeof value !== 'object' || Object.keys(value as object).length > 0)
  })
  if (config['bias'] !== undefined && config['bias'] !== 'none') set.push('bias')
  if (set.length === 0) return
  const message = `adapter_config.json: expected plain LoRA or rsLoRA, got ${set.join(', ')}; these variants are not supported yet`
  throw new GraftError('unsupported', message, { fields: set })
}

export const lora: Method = {
  info,
  countTrainable(model, given) {
    const values = resolveValues(info, given)
    const sites = matchTargets(model, values['targets'] as string)
    return sites.reduce((sum, site) => sum + (values['r'] as number) * (site.inFeatures + site.outFeatures), 0)
  },
  apply(model, given): AppliedMethod {
    const values = resolveValues(info, given)
    const r = values['r'] as number
    const alpha = values['alpha'] as number
    const rslora = values['rslora'] as boolean
    const dropout = values['dropout'] as number
    const scale = alpha / (rslora ? Math.sqrt(r) : r)
    const adapter: Lora = { r, alpha, rslora, dropout, scale, sites: matchTargets(model, values['targets'] as string) }
    const bySite = new Map(adapter.sites.map((site) => [site.weight, site]))
    const trainable = adapter.sites.flatMap((site): TrainableParameter[] => [
      { name: slotA(site), shape: [r, site.inFeatures], decay: true, initial: initialA(site, r) },
      {
        name: slotB(site),
        shape: [site.outFeatures, r],
        decay: true,
        initial: () => new Float32Array(site.outFeatures * r),
      },
    ])
    return {
      info,
      hooks: hooks(adapter),
      usesSeeds: dropout > 0,
      trainable,
      adapter: { layout: 'peft', config: adapterConfig(model, adapter), tensors: storedAlike(trainable) },
      merge: async (name, read, sign = 1) => {
        const site = bySite.get(name)
        return site && mergeSite(site, adapter, read, sign)
      },
    }
  },
  fromAdapterConfig(config): ParameterValues | undefined {
    if (config['peft_type'] !== 'LORA') return undefined
    refuseVariants(config)
    const targets = config['target_modules']
    // What is absent is PEFT's default, not that of our form.
    return {
      r: (config['r'] as number | undefined) ?? 8,
      alpha: (config['lora_alpha'] as number | undefined) ?? 8,
      dropout: (config['lora_dropout'] as number | undefined) ?? 0,
      rslora: (config['use_rslora'] as boolean | undefined) ?? false,
      targets: Array.isArray(targets) ? targets.join(', ') : ((targets as string | undefined) ?? 'q_proj, v_proj'),
    }
  },
}
