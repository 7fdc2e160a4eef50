import { GraftError } from '../errors'
import type { MethodInfo, ParameterInfo, ParameterValue, ParameterValues } from '../nn'

function problem(parameter: ParameterInfo, value: ParameterValue): string | undefined {
  const { type, min = -Infinity, max = Infinity, choices } = parameter
  const expected = type === 'choice' ? 'text' : type
  const found = typeof value === 'string' ? 'text' : typeof value
  if (type === 'integer' && !Number.isInteger(value)) return 'a whole number'
  if (type !== 'integer' && found !== expected) return `a ${expected}`
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a finite number'
  if (choices && !choices.includes(value as string)) return `one of ${choices.join(', ')}`
  if (typeof value === 'number' && (value < min || value > max)) return `a value between ${min} and ${max}`
  return undefined
}

/** A text such as "4" is a number to whoever reads `name=4` without knowing the name. */
const asWritten = ({ type }: ParameterInfo, value: ParameterValue): ParameterValue =>
  type === 'text' && typeof value === 'number' ? String(value) : value

/**
 * The declared defaults, overridden by what was given.
 * @throws GraftError `invalid-argument` for a name that is not declared or a value outside its declaration
 */
export function resolveValues(info: MethodInfo, given: ParameterValues): ParameterValues {
  const known = new Set(info.parameters.map(({ name }) => name))
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue
    throw new GraftError(
      'invalid-argument',
      `${info.name.en}: expected ${known.size > 0 ? `its parameters (${[...known].join(', ')})` : 'no parameters'}, got ${name}; correct the name`,
    )
  }
  const entries = info.parameters.map((parameter): [string, ParameterValue] => {
    const value = asWritten(parameter, given[parameter.name] ?? parameter.default)
    const expected = problem(parameter, value)
    if (expected === undefined) return [parameter.name, value]
    const message = `${info.name.en}: ${parameter.name}: expected ${expected}, got ${typeof value === 'number' ? value : JSON.stringify(value)}; correct the value`
    throw new GraftError('invalid-argument', message, { parameter: parameter.name })
  })
  return Object.fromEntries(entries)
}
