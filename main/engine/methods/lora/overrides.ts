import { GraftError } from '../../errors'
import type { LinearSite } from '../../nn'

/** A value for the matrices whose path ends in what the pattern, a regular expression, fits. */
interface Override {
  readonly pattern: RegExp
  readonly value: number
}

/** A value of its own for a matrix; undefined where nothing was said of it. */
export type OverrideOf = (site: LinearSite) => number | undefined

/** PEFT's rule: the whole path, or what stands behind one of its dots. */
const patternOf = (text: string): RegExp => new RegExp(`^(.*\\.)?(${text})$`)

/** Whether a pattern can be written in a list of `pattern=value`. */
export function isListable(pattern: string): boolean {
  try {
    patternOf(pattern)
  } catch {
    return false
  }
  return !/[\s,=]/.test(pattern)
}

/**
 * Values for single matrices from a text such as "q_proj=16, layers.0.mlp.up_proj=4": PEFT's rank_pattern and
 * alpha_pattern. Of several patterns that fit, the first counts.
 * @param parameter whose text it is
 * @throws GraftError `invalid-argument` for another text, a value that is not above 0, or a pattern that fits no matrix
 */
export function parseOverrides(text: string, sites: readonly LinearSite[], parameter: string): OverrideOf {
  const wrong = (expected: string, entry: string): GraftError => {
    const message = `${parameter}: expected ${expected}, got "${entry}"; correct the entry`
    return new GraftError('invalid-argument', message, { parameter })
  }
  const overrides = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry): Override => {
      const [name = '', number = ''] = entry.split('=')
      const value = Number(number)
      if (name === '' || !isListable(name)) throw wrong('entries such as q_proj=16', entry)
      if (!(value > 0) || !Number.isFinite(value)) throw wrong('a number above 0 behind each name', entry)
      const pattern = patternOf(name)
      if (!sites.some((site) => pattern.test(site.name))) throw wrong('names of target matrices', name)
      return { pattern, value }
    })
  return (site) => overrides.find(({ pattern }) => pattern.test(site.name))?.value
}
