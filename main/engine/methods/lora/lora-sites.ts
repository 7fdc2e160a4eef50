import { GraftError } from '../../errors'
import type { LinearSite, ModelDefinition, ParameterValues } from '../../nn'
import { chooseSites } from './choose-sites'
import { parseOverrides } from './overrides'

/** A matrix with its update: r rows of A, and what B·A is multiplied with. */
export interface LoraSite extends LinearSite {
  readonly r: number
  readonly alpha: number
  /** α / r, or α / √r. */
  readonly scale: number
  /** Of the dropout masks that its layer's seed gives, its own. */
  readonly stream: number
}

/** The method's values, put on a model. */
export interface Lora {
  readonly sites: readonly LoraSite[]
  readonly r: number
  readonly alpha: number
  readonly dropout: number
  readonly rslora: boolean
  readonly dora: boolean
  /** What the learning rate is multiplied with for B. */
  readonly ratio: number
}

export const slotA = ({ name }: LinearSite): string => `${name}.lora_A.weight`
export const slotB = ({ name }: LinearSite): string => `${name}.lora_B.weight`

function wholeRank(r: number, { name }: LinearSite): number {
  if (Number.isInteger(r)) return r
  const message = `ranks: ${name}: expected a whole number, got ${r}; correct the entry`
  throw new GraftError('invalid-argument', message, { parameter: 'ranks' })
}

/** @throws GraftError `invalid-argument` for targets, layers, ranks or alphas that do not fit the model */
export function loraOn(model: ModelDefinition, values: ParameterValues): Lora {
  const chosen = chooseSites(model, values)
  const [rankOf, alphaOf] = (['ranks', 'alphas'] as const).map((name) =>
    parseOverrides(values[name] as string, chosen, name),
  ) as [ReturnType<typeof parseOverrides>, ReturnType<typeof parseOverrides>]
  const { r, alpha, rslora } = values as { r: number; alpha: number; rslora: boolean }
  const sites = chosen.map((site): LoraSite => {
    const own = { r: wholeRank(rankOf(site) ?? r, site), alpha: alphaOf(site) ?? alpha }
    const stream = chosen.filter(({ layer }) => layer === site.layer).indexOf(site)
    return { ...site, ...own, scale: own.alpha / (rslora ? Math.sqrt(own.r) : own.r), stream }
  })
  const ratio = (values['loraplusRatio'] as number) || 1
  return { sites, r, alpha, rslora, dropout: values['dropout'] as number, dora: values['dora'] as boolean, ratio }
}
