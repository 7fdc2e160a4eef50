import { GraftError } from '../errors'
import type { LinearSite, ModelDefinition } from '../nn'

/** The names in a list: commas or blanks between them. */
export const targetEntries = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

/** Whether an entry is a module's path or its last parts. */
export const isNamed = ({ name }: LinearSite, entry: string): boolean => name === entry || name.endsWith(`.${entry}`)

/**
 * The sites that a `target_modules` expression names, by PEFT's rules: `all-linear`, or a list (commas or blanks) whose
 * entries equal a module's path or its last parts ("q_proj", "self_attn.q_proj").
 * @throws GraftError `invalid-argument` where an entry names nothing
 */
export function matchTargets(model: ModelDefinition, targets: string): LinearSite[] {
  if (targets.trim().toLowerCase() === 'all-linear') return [...model.sites]
  const entries = targetEntries(targets)
  const lost = entries.filter((entry) => !model.sites.some((site) => isNamed(site, entry)))
  if (entries.length === 0 || lost.length > 0) {
    const known = [...new Set(model.sites.map((site) => site.name.split('.').at(-1)))].join(', ')
    const found = entries.length === 0 ? 'nothing' : lost.join(', ')
    const message = `target modules: expected all-linear or names such as ${known}, got ${found}; correct the names`
    const unknown = lost.length > 0 && { unknown: found }
    throw new GraftError('invalid-argument', message, { parameter: 'targets', targets, known, ...unknown })
  }
  return model.sites.filter((site) => entries.some((entry) => isNamed(site, entry)))
}
