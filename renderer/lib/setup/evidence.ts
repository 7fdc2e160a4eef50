import type { Evidence, MeasuredMethod } from '../../../preload/contract'
import type { Value } from './draft'

/**
 * What was measured of a method in the form that is chosen: the result whose parameters are the most of those chosen, else
 * that with the method's defaults.
 */
export function measuredOf(
  evidence: Evidence | undefined,
  method: string,
  parameters: Readonly<Record<string, Value>>,
): MeasuredMethod | undefined {
  const fits = ({ parameters: tried }: MeasuredMethod): boolean =>
    Object.entries(tried).every(([name, value]) => String(parameters[name]) === value)
  const size = ({ parameters: tried }: MeasuredMethod): number => Object.keys(tried).length
  const results = evidence?.results.filter((result) => result.method === method) ?? []
  return results.filter(fits).sort((a, b) => size(b) - size(a))[0] ?? results[0]
}
