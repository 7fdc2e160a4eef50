import type { Locale, MethodInfo, ParameterInfo, Text } from '../../../preload/contract'
import type { Draft, Value } from './draft'

type Spoken = 'label' | 'explanation' | 'choiceLabels'

/** A declared value as a form shows it: its words are of one language. */
export type FieldInfo = Omit<ParameterInfo, Spoken> & {
  readonly label: string
  readonly explanation: string
  readonly choiceLabels?: Readonly<Record<string, string>>
}

type Bounds = Pick<ParameterInfo, 'type' | 'min' | 'max'>

/** Whether a number lies outside of what its declaration allows; texts and switches are judged by the service. */
export function isOutside({ type, min = -Infinity, max = Infinity }: Bounds, value: Value): boolean {
  if (typeof value !== 'number') return false
  return value < min || value > max || (type === 'integer' && !Number.isInteger(value))
}

/** Whether a number that is allowed lies beyond what its declaration calls usual. */
export function isUnusual({ usual, ...bounds }: Bounds & Pick<ParameterInfo, 'usual'>, value: Value): boolean {
  if (!usual || typeof value !== 'number' || isOutside(bounds, value)) return false
  return value < usual.low || value > usual.high
}

const spoken = (texts: Readonly<Record<string, Text>>, locale: Locale): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text[locale]]))

export function fieldOf({ label, explanation, choiceLabels, ...info }: ParameterInfo, locale: Locale): FieldInfo {
  return {
    ...info,
    label: label[locale],
    explanation: explanation[locale],
    ...(choiceLabels && { choiceLabels: spoken(choiceLabels, locale) }),
  }
}

export const valueOf = ({ name, default: value }: Pick<ParameterInfo, 'name' | 'default'>, draft: Draft): Value =>
  draft.parameters[name] ?? value

/**
 * The parameters that matter with the values of the others. One that does not is still shown where its value is wrong:
 * nobody could mend it otherwise.
 */
export function shownParameters({ parameters }: MethodInfo, draft: Draft): ParameterInfo[] {
  const matters = ({ when }: ParameterInfo): boolean => {
    const other = when && parameters.find(({ name }) => name === when.parameter)
    return !other || valueOf(other, draft) === when.is
  }
  return parameters.filter((info) => matters(info) || isOutside(info, valueOf(info, draft)))
}
