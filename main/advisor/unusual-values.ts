import type { RunSpec, Text } from '../../preload/contract'
import { findMethod } from '../engine/methods'
import type { Band, MethodInfo } from '../engine/nn'

/** A value that is allowed, but beyond what its declaration calls usual. */
export interface UnusualValue {
  /** The method's parameter, or `learningRate`. */
  readonly name: string
  readonly label: Text
  readonly value: number
  readonly usual: Band
}

const learningRateLabel: Text = { en: 'Learning rate', zh: '学习率' }

const isBeyond = (value: number, { low, high }: Band): boolean => value < low || value > high

function ofMethod({ parameters }: MethodInfo, given: RunSpec['method']['parameters']): UnusualValue[] {
  return parameters.flatMap(({ name, label, usual, default: value }) => {
    const chosen = given[name] ?? value
    return usual && typeof chosen === 'number' && isBeyond(chosen, usual) ? [{ name, label, value: chosen, usual }] : []
  })
}

/**
 * What of a run's settings lies beyond the bands that its method declares. Nothing is refused for it.
 * @throws GraftError `invalid-argument` for a method that does not exist
 */
export function unusualValues({ method, training }: Pick<RunSpec, 'method' | 'training'>): UnusualValue[] {
  const { info } = findMethod(method.id)
  const { low, high, default: usualRate } = info.learningRate
  const value = training.learningRate ?? usualRate
  const rate = { name: 'learningRate', label: learningRateLabel, value, usual: { low, high } }
  return [...(isBeyond(value, rate.usual) ? [rate] : []), ...ofMethod(info, method.parameters)]
}
