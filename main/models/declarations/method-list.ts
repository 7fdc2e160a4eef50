import { methodInfoSchema, type MethodInfo } from '../../../preload/contract'
import { findMethod, methodInfos } from '../../engine/methods'

/** The methods' declarations as the contract has them: the service itself may not look into the engine. */
export function listMethods(): MethodInfo[] {
  return methodInfos.map((info) => methodInfoSchema.parse(info))
}

/** @throws GraftError `invalid-argument` for a method that does not exist */
export const methodInfo = (id: string): MethodInfo => methodInfoSchema.parse(findMethod(id).info)
