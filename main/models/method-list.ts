import { methodInfoSchema, type MethodInfo } from '../../preload/contract'
import { methodInfos } from '../engine/methods'

/** The methods' declarations as the contract has them: the service itself may not look into the engine. */
export function listMethods(): MethodInfo[] {
  return methodInfos.map((info) => methodInfoSchema.parse(info))
}
