import { differentiate } from '../../autodiff'
import type { Value } from '../../graph'
import type { AppliedMethod, WeightSpec } from '../../nn'
import type { Binding } from '../plan'
import { derivedTensors, gradientOf } from '../slots'
import type { SegmentScope } from './segment'

/** What segments of the model may read and pass a gradient to: trainable tensors and those derived from them. */
export const differentiated = (method: AppliedMethod): readonly WeightSpec[] => [
  ...method.trainable,
  ...derivedTensors(method),
]

/** A segment's input whose gradient is wanted, and where that goes. */
interface DifferentiatedInput {
  readonly value: Value
  readonly binding: Binding
}

/**
 * Adds the backward nodes and binds each gradient: those of the tensors among `wanted` that the segment reads are added
 * to, the input's (if wanted) replaced.
 */
export function addBackward(
  wanted: readonly WeightSpec[],
  scope: SegmentScope,
  seeds: ReadonlyMap<Value, Value>,
  input: DifferentiatedInput | undefined,
): void {
  const read = wanted.flatMap(({ name }) => {
    const value = scope.named.get(name)
    return value ? [{ name, value }] : []
  })
  const wrt = [...read.map(({ value }) => value), ...(input ? [input.value] : [])]
  const gradients = differentiate(scope.g, seeds, wrt)
  read.forEach(({ name }, i) => {
    const gradient = gradients[i]
    if (gradient) scope.output(`d ${i}`, gradient, { slot: gradientOf(name), accumulate: true })
  })
  const dInput = gradients.at(-1)
  if (input && dInput) scope.output('dh', dInput, input.binding)
}
