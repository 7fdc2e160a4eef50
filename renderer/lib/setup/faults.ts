import type { MethodInfo, ParameterInfo } from '../../../preload/contract'
import type { Draft, Value } from './draft'
import { advancedTraining, heldOutShare, simpleTraining } from './training-fields'

type Bounds = Pick<ParameterInfo, 'type' | 'min' | 'max'>

/** Whether a number lies outside of what its declaration allows; texts and switches are judged by the service. */
export function isOutside({ type, min = -Infinity, max = Infinity }: Bounds, value: Value): boolean {
  if (typeof value !== 'number') return false
  return value < min || value > max || (type === 'integer' && !Number.isInteger(value))
}

/** Whether a field of the form holds a number that the service would refuse. */
export function hasFault(draft: Draft, method: MethodInfo): boolean {
  const ofMethod = method.parameters.some((info) => isOutside(info, draft.parameters[info.name] ?? info.default))
  const ofTraining = [...simpleTraining, ...advancedTraining, heldOutShare].some((field) =>
    isOutside(field, draft.training[field.name] ?? field.default),
  )
  return ofMethod || ofTraining
}
