import type { MethodInfo } from '../../../preload/contract'
import type { Draft } from './draft'
import { isOutside, valueOf } from './field-info'
import { advancedTraining, heldOutShare, simpleTraining } from './training-fields'

/** Whether a field of the form holds a number that the service would refuse. */
export function hasFault(draft: Draft, method: MethodInfo): boolean {
  const ofMethod = method.parameters.some((info) => isOutside(info, valueOf(info, draft)))
  const ofTraining = [...simpleTraining, ...advancedTraining, heldOutShare].some((field) =>
    isOutside(field, draft.training[field.name] ?? field.default),
  )
  return ofMethod || ofTraining
}
