import type { MethodChoice } from '../../../preload/contract'
import type { TensorFile } from '../../engine/checkpoint'
import { sameShape, shapeText } from '../../engine/graph'
import { findMethod, resolveValues } from '../../engine/methods'
import type { TrainableParameter } from '../../engine/nn'
import { HostError } from '../../files'

const text = (value: unknown): string => (typeof value === 'string' ? `"${value}"` : String(value))

export function startMismatch(what: string, expected: string, got: string, advice: string): HostError {
  return new HostError('start-mismatch', `start: ${what}: expected ${expected}, got ${got}; ${advice}`, { what })
}

/**
 * The method of a run that goes on: what was trained decides which it is and how it computes; what matters only while
 * training may be chosen anew.
 * @param origin names what it starts from
 * @throws HostError `start-mismatch` for another method or another value
 */
export function methodGoingOn(trained: MethodChoice, asked: MethodChoice, origin: string): MethodChoice {
  if (asked.id !== trained.id)
    throw startMismatch('method', `${trained.id}, that of ${origin}`, asked.id, 'leave it out, or start without it')
  const { info } = findMethod(trained.id)
  const parameters = { ...trained.parameters, ...asked.parameters }
  const [before, now] = [resolveValues(info, trained.parameters), resolveValues(info, parameters)]
  for (const { name, trainingOnly } of info.parameters) {
    if (trainingOnly || before[name] === now[name]) continue
    const expected = `${text(before[name])}, as in ${origin}`
    throw startMismatch(`${info.name.en}: ${name}`, expected, text(now[name]), 'leave it out, or start without it')
  }
  return { id: trained.id, parameters }
}

/** @throws HostError `start-mismatch` where a trained tensor is missing or of another shape than the model's */
export function checkTrained(
  trainable: readonly TrainableParameter[],
  file: Pick<TensorFile, 'has' | 'info'>,
  origin: string,
): void {
  for (const { name, shape } of trainable) {
    const found = file.has(name) ? file.info(name).shape : undefined
    if (found && sameShape(found, shape)) continue
    const got = found ? shapeText(found) : 'none'
    const advice = `choose the base model of ${origin}`
    throw startMismatch(name, `a tensor ${shapeText(shape)} for this base model`, got, advice)
  }
}

/** @throws HostError `start-mismatch` where both are known and differ */
export function checkBase(trained: string | undefined, chosen: string, model: string, origin: string): void {
  if (trained === undefined || trained === chosen) return
  throw startMismatch(
    'base model',
    `the weights that ${origin} was trained on`,
    `others ("${model}")`,
    'choose that base model, in the same form',
  )
}
