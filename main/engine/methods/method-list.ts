import { GraftError } from '../errors'
import type { AppliedMethod, Method, MethodInfo, ParameterValues } from '../nn'
import { adapter } from './adapter/adapter'
import { full } from './full'
import { lora } from './lora/lora'
import { pTuning } from './p-tuning'
import { pTuningV2 } from './p-tuning-v2'
import { prefixTuning } from './prefix-tuning'
import { promptTuning } from './prompt-tuning'
import { qlora } from './qlora'
import { withHead } from './with-head'

const own: readonly Method[] = [lora, qlora, full, adapter, prefixTuning, promptTuning, pTuning, pTuningV2]

export const methods: readonly Method[] = own.map(withHead)

export const methodInfos: readonly MethodInfo[] = methods.map((method) => method.info)

/** @throws GraftError `invalid-argument` for a method that does not exist */
export function findMethod(id: string): Method {
  const method = methods.find(({ info }) => info.id === id)
  if (method) return method
  const known = methods.map(({ info }) => info.id).join(', ')
  throw new GraftError('invalid-argument', `method: expected one of ${known}, got ${id}; choose one of them`, { id })
}

/**
 * The method switched off: plans made with this run the base model as it is. Nothing is unloaded; plans with the method
 * itself, over the same executor, run it again. Where a method trains the base's own weights, these must be loaded anew.
 */
export function disabled(method: AppliedMethod): AppliedMethod {
  const { virtualTokens: _tokens, positionOffset: _offset, derived: _derived, ...rest } = method
  return { ...rest, hooks: {}, trainable: [], usesSeeds: false }
}

export interface MethodChoice {
  readonly method: Method
  readonly values: ParameterValues
}

/**
 * The method and the hyper-parameters that a PEFT adapter_config.json describes.
 * @throws GraftError `unsupported` for a type that no method here reads, or a variant that its method does not compute
 */
export function methodFromAdapter(config: Readonly<Record<string, unknown>>): MethodChoice {
  for (const method of methods) {
    const values = method.fromAdapterConfig?.(config)
    if (values) return { method, values }
  }
  const readers = methods.filter(({ fromAdapterConfig }) => fromAdapterConfig).map(({ info }) => info.name.en)
  const found = JSON.stringify(config['peft_type']) ?? 'nothing'
  const message = `adapter_config.json: peft_type: expected an adapter of ${readers.join(', ')}, got ${found}; this type cannot be loaded yet`
  throw new GraftError('unsupported', message, { found })
}
