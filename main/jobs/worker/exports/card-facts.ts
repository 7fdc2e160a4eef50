import type { RunView } from '../../../../preload/contract'
import type { CardFacts } from '../../../engine/export'
import type { OpenModel } from '../tuning/open-model'

const baseFacts = ({ name, ggufFile, licence }: OpenModel): CardFacts['base'] => ({
  name,
  ...(ggufFile && { ggufFile }),
  ...(licence && { licence }),
})

/**
 * What an export's card says of a run.
 * @param startedFrom what the run continued, where it did
 */
export function cardFacts(view: RunView, model: OpenModel, startedFrom?: string): CardFacts {
  const { spec, prepared, evaluations, points } = view
  const [before, after] = [evaluations[0], evaluations.at(-1)]
  const measured = (measure: string, pick: (e: RunView['evaluations'][number]) => number | undefined) => {
    const [first, last] = [before && pick(before), after && pick(after)]
    return {
      measure,
      ...(first === undefined ? {} : { before: first }),
      ...(last === undefined ? {} : { after: last }),
    }
  }
  const score = after?.score
  return {
    title: spec.name || view.id,
    runId: view.id,
    software: 'Graft Studio',
    base: baseFacts(model),
    ...(startedFrom !== undefined && { startedFrom }),
    data: {
      name: spec.dataset.id,
      rows: prepared?.trainRows ?? 0,
      validationRows: prepared?.validationRows ?? 0,
      fingerprint: prepared?.fingerprint ?? '',
    },
    settings: {
      method: spec.method.id,
      ...spec.method.parameters,
      steps: view.step,
      'batch size': spec.training.batchSize,
      'gradient accumulation': spec.training.accumulation,
      'maximum length': spec.training.maxLength,
      ...(spec.training.learningRate === undefined ? {} : { 'learning rate': spec.training.learningRate }),
      schedule: spec.training.schedule,
      seed: spec.training.seed,
    },
    curves: {
      training: points.map(({ step, loss }) => ({ step, loss })),
      validation: evaluations.map(({ step, loss }) => ({ step, loss })),
    },
    results: [
      measured('loss (nats per token)', (e) => e.loss),
      measured('perplexity', (e) => e.perplexity),
      ...(score ? [measured(score.kind, (e) => e.score?.value)] : []),
    ],
  }
}
