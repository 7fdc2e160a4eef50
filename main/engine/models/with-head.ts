import type { ModelBody, ModelDefinition, Task, WeightSpec } from '../nn'
import type { TransformersClasses } from './families'

/** The weight of a classification's head, as transformers calls it. It has no bias. */
export const SCORE = 'score.weight'

type Head = Pick<ModelDefinition, 'weights' | 'outputs'> & { readonly table: string }

const heads: { readonly [K in Task['kind']]: (body: ModelBody, task: Extract<Task, { kind: K }>) => Head } = {
  'causal-lm': ({ weights, vocabularyTable, config }) => ({
    weights,
    outputs: config.vocabSize,
    table: vocabularyTable,
  }),
  'sequence-classification': ({ weights, vocabularyTable, config }, { labels }) => {
    const score: WeightSpec = { name: SCORE, shape: [labels.length, config.hiddenSize], optional: true }
    const kept = config.tiedHead ? weights : weights.filter(({ name }) => name !== vocabularyTable)
    return { weights: [...kept, score], outputs: labels.length, table: SCORE }
  },
}

/**
 * Puts a task's head on a model: the loss head then chooses among the vocabulary's words, or among the classes. A
 * classification does without the vocabulary's table, and its own need not be in the checkpoint.
 */
export function withHead(body: ModelBody, task: Task, classes: TransformersClasses): ModelDefinition {
  const make = heads[task.kind] as (body: ModelBody, task: Task) => Head
  const { table, ...head } = make(body, task)
  return {
    ...body,
    ...head,
    task,
    transformersClass: classes[task.kind],
    head: (scope, h) => ({ x: body.finalNorm(scope, h), table: scope.slot(table) }),
  }
}
