import { GraftError } from '../errors'
import type { LinearSite, ModelDefinition } from '../nn'

/**
 * The sites that a `target_modules` expression names, by PEFT's rules: `all-linear`, or a list (commas or blanks) whose
 * entries equal a module's path or its last parts ("q_proj", "self_attn.q_proj").
 * @throws GraftError `invalid-argument` where an entry names nothing
 */
export function matchTargets(model: ModelDefinition, targets: string): LinearSite[] {
  if (targets.trim().toLowerCase() === 'all-linear') return [...model.sites]
  const entries = targets.split(/[\s,]+/).filter(Boolean)
  const matches = (site: LinearSite, entry: string): boolean => site.name === entry || site.name.endsWith(`.${entry}`)
  const lost = entries.filter((entry) => !model.sites.some((site) => matches(site, entry)))
  if (entries.length === 0 || lost.length > 0) {
    const known = [...new Set(model.sites.map((site) => site.name.split('.').at(-1)))].join(', ')
    const found = entries.length === 0 ? 'nothing' : lost.join(', ')
    const message = `target modules: expected all-linear or names such as ${known}, got ${found}; correct the names`
    const unknown = lost.length > 0 && { unknown: found }
    throw new GraftError('invalid-argument', message, { parameter: 'targets', targets, known, ...unknown })
  }
  return model.sites.filter((site) => entries.some((entry) => matches(site, entry)))
}
