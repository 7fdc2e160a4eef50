import type { JobEventBody, RunSpec } from '../../../../preload/contract'
import { evaluateLoss, scoreAnswers, type LossResult } from '../../../engine/evaluate'
import { bucketOf, chooseBuckets, collate, type Encoded } from '../../../engine/text'
import type { JobContext } from '../job-context'
import type { HeldRows } from './prepare-rows'
import type { OpenModel } from './open-model'
import type { TuningEngine } from './tuning-engine'

type Score = Extract<JobEventBody, { type: 'score' }>['score']

/** Measures a model, as it stands in the engine, on the held-out rows. */
export interface Measure {
  /** Undefined where nothing is held out. */
  loss(): Promise<LossResult | undefined>
  /** Undefined where there is no metric for this data. */
  score(): Promise<Score | undefined>
  /** Answers to the sample prompts, said as events. */
  samples(step: number): Promise<void>
  /** The padded lengths that `loss` will need. */
  readonly buckets: readonly number[]
}

/** Which metric fits: label accuracy where the answers are labels, exact match otherwise, none for plain text. */
function metricKind(spec: RunSpec, rows: HeldRows): Score['kind'] | undefined {
  const { kind } = spec.metric
  if (kind === 'none' || rows.dataset.form === 'text') return undefined
  return kind === 'exact-match' || !rows.dataset.labels ? 'exact-match' : 'label-accuracy'
}

/** More than a label: a blank before it, and what shows that its last word is whole. */
const TOKENS_BEYOND_LABEL = 4

/** The labels of both datasets: what was never trained on cannot be right, but is an answer. */
const labelsOf = ({ dataset, validationDataset }: HeldRows): readonly string[] => [
  ...new Set([...(dataset.labels ?? []), ...(validationDataset?.labels ?? [])]),
]

/**
 * How answers that are to be labels are made: always the likeliest token (a penalty on repetition would push away the
 * labels that the question lists), and no more of them than a label has, as only the start of the answer counts.
 */
function labelSampling(
  { sampling }: RunSpec,
  labels: readonly string[],
  { tokenizer }: OpenModel,
): RunSpec['sampling'] {
  const tokens = labels.map((label) => tokenizer.encode(label, { addSpecialTokens: false }).length)
  const maxNewTokens = Math.max(...tokens) + TOKENS_BEYOND_LABEL
  return { ...sampling, temperature: 0, repetitionPenalty: 1, maxNewTokens }
}

export function createMeasure(
  spec: RunSpec,
  model: OpenModel,
  rows: HeldRows,
  engine: TuningEngine,
  context: JobContext,
): Measure {
  const { batchSize } = spec.training
  // Rows of like length share a batch: the order of summing is fixed, padding is small.
  const ordered: Encoded[] = rows.validation.toSorted((a, b) => a.ids.length - b.ids.length)
  const groups = Array.from({ length: Math.ceil(ordered.length / batchSize) }, (_, i) =>
    ordered.slice(i * batchSize, (i + 1) * batchSize),
  )
  const longestOf = (examples: readonly Encoded[]): number => examples.at(-1)?.ids.length ?? 1
  const lengths = chooseBuckets(groups.map(longestOf), rows.maxLength)
  const batches = groups.map((examples) => ({
    examples,
    shape: { rows: batchSize, length: bucketOf(lengths, longestOf(examples)) },
  }))
  const kind = metricKind(spec, rows)
  const { sampling } = spec

  return {
    buckets: [...new Set(batches.map(({ shape }) => shape.length))],
    async loss() {
      if (batches.length === 0) return undefined
      const { evaluationPlan, executor } = engine
      const inputs = batches.map(({ examples, shape }) => ({
        batch: collate(examples, shape, model.tokenizer.padId),
        plan: evaluationPlan(shape),
      }))
      return evaluateLoss(executor, inputs, () => context.pass())
    },
    async score() {
      const questions = rows.questions.slice(0, spec.metric.rows)
      if (!kind || questions.length === 0) return undefined
      const labels = kind === 'label-accuracy' ? labelsOf(rows) : undefined
      const settings = labels ? labelSampling(spec, labels, model) : sampling
      const {
        value,
        metric: _metric,
        answers: _answers,
        ...ofLabels
      } = await scoreAnswers({
        rows: questions,
        ...(labels && { labels }),
        answer: async (ids) => (await engine.generator.generate(ids, settings)).text,
        onAnswer: (_answer, index) =>
          context.emit({ type: 'stage', stage: 'score', done: index + 1, total: questions.length }),
      })
      return { kind, value, rows: questions.length, ...ofLabels }
    },
    async samples(step) {
      for (const [index, { ids, asked, expected }] of rows.questions.slice(0, sampling.prompts).entries()) {
        const { text } = await engine.generator.generate(ids, sampling)
        context.emit({ type: 'sample', step, index, prompt: asked, expected, answer: text })
      }
    },
  }
}
