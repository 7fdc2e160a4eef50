import type { MethodInfo, RunView } from '../../../preload/contract'
import type { Draft } from './draft'

/**
 * The draft of a run that continues another: its model, method and settings, which also keeps the same rows held out.
 * How long is asked anew: the same again is only a first offer.
 */
export function continuedDraft({ id, spec, step }: RunView, name: string, method?: MethodInfo): Draft {
  const { steps, learningRate = method?.learningRate.default, ...training } = spec.training
  return {
    name,
    model: spec.model,
    method: spec.method.id,
    parameters: { ...spec.method.parameters },
    length: 'steps',
    training: {
      ...training,
      ...(learningRate !== undefined && { learningRate }),
      steps: Math.max(1, steps ?? step),
    },
    startFrom: { kind: 'run', id },
  }
}
