import { openSafetensors, openCheckpoint, type TensorFile } from '../checkpoint'
import { GraftError } from '../errors'
import { findMethod, loadAdapter, methods, readAdapterMethod } from '../methods'
import { defineModel, modelWeights, readLabels } from '../models'
import { causalLm, type AppliedMethod, type ModelDefinition, type ReadTensor, type Task } from '../nn'
import { learningRateAt } from '../optim'
import {
  feedBatch,
  loadBaseWeights,
  planEvaluation,
  planTraining,
  type Backend,
  type Executor,
  type Plan,
} from '../plan'
import type { FileSource } from '../tensor'
import { ignoredLabel, type Batch } from '../text'
import { readJson, toBatch, type GoldenCase } from './golden-case'
import { trainStep } from './step'

export interface GoldenReport {
  readonly case: string
  readonly method: string
  readonly arch: string
  readonly pass: boolean
  /** Largest relative difference over all steps. */
  readonly loss: number
  readonly gradNorm: number
  /** Largest absolute difference of the probe's logits. */
  readonly probeBefore: number
  readonly probeAfter: number
}

interface Limits {
  readonly loss: number
  readonly gradNorm: number
  readonly probeBefore: number
  readonly probeAfter: number
}

const usual: Limits = { loss: 1e-4, gradNorm: 1e-3, probeBefore: 2e-4, probeAfter: 2e-3 }

/** Cases whose reference itself is known less well: recurrences, norms of whole matrices, weights in 4 bits. */
const wider: readonly (readonly [RegExp, Partial<Limits>])[] = [
  [/lstm|dora/, { gradNorm: 2e-3 }],
  [/qlora/, { loss: 5e-4, gradNorm: 3e-3, probeBefore: 5e-3, probeAfter: 5e-3 }],
]

/** How far a case may be from its reference: relative for loss and norm, absolute for the probe's logits. */
const limitsOf = ({ method }: GoldenCase): Limits =>
  wider.reduce((limits, [pattern, more]) => (pattern.test(method) ? { ...limits, ...more } : limits), usual)

export interface GoldenInput {
  readonly name: string
  readonly case: FileSource
  /** Its folder adapter_init; empty for full fine-tuning. */
  readonly adapter: FileSource
  readonly model: FileSource
  readonly backend: Backend
  readonly threads: number
}

async function openTensors(files: FileSource, name: string): Promise<TensorFile | undefined> {
  const source = await files.open(name)
  return source && openSafetensors(source)
}

const taskOf = ({ task = 'causal-lm' }: GoldenCase, config: Record<string, unknown>): Task =>
  task === 'causal-lm' ? causalLm : { kind: task, labels: readLabels(config) }

/** The case's method on the model, and the first values of what it trains. */
interface GoldenStart {
  readonly method: AppliedMethod
  /** Absent: the base model's own. */
  readonly read?: ReadTensor
}

/** A prompt encoder's weights have PEFT's names behind this. */
const ENCODER = 'prompt_encoder.'

async function startOf(input: GoldenInput, golden: GoldenCase, model: ModelDefinition): Promise<GoldenStart> {
  if (!(await input.adapter.open('adapter_config.json'))) return { method: findMethod('full').apply(model, {}) }
  const encoder = await openTensors(input.case, 'encoder_init.safetensors')
  const { method: found, values } = await readAdapterMethod(input.adapter)
  // QLoRA's adapter is LoRA's: only the case tells them apart.
  const method = (methods.find(({ info }) => info.id === golden.method) ?? found).apply(model, values)
  if (encoder) return { method, read: (slot) => encoder.readFloat32(slot.replace(ENCODER, '')) }
  return { method, read: (await loadAdapter(input.adapter, model)).read }
}

const relative = (got: number, expected: number): number => Math.abs(got - expected) / Math.abs(expected)

/** The rows that the reference has logits of: all but virtual tokens, or of a classification each text's last token. */
function probedRows({ task }: ModelDefinition, { labels, length }: Batch, virtualTokens: number): number[] {
  const isProbed = (row: number): boolean =>
    task.kind === 'causal-lm' ? row % length >= virtualTokens : labels[row] !== ignoredLabel
  return [...labels.keys()].filter(isProbed)
}

/** A row of padding: what it sees is nobody's business, and differs where attention has a window. */
const isPadding = ({ last, length }: Batch, row: number): boolean => (last[row] as number) < row % length

interface Probe {
  readonly plan: Plan
  readonly model: ModelDefinition
  readonly batch: Batch
  readonly virtualTokens: number
}

/** Largest difference of logits; the reference may have those of the first few rows only. */
async function probeDifference(
  executor: Executor,
  { plan, model, batch, virtualTokens }: Probe,
  expected: Float32Array,
): Promise<number> {
  await feedBatch(executor, plan, batch, 1)
  await executor.run(plan, 'logits')
  const got = await executor.read('logits')
  const width = model.outputs
  let worst = 0
  probedRows(model, batch, virtualTokens).forEach((row, i) => {
    if (isPadding(batch, row)) return
    expected.subarray(i * width, (i + 1) * width).forEach((value, column) => {
      const difference = Math.abs((got[row * width + column] as number) - value)
      worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference)
    })
  })
  return worst
}

/** The reference gives AdamW one group of parameters: norms and biases decay as matrices do. */
const decayingAlike = (method: AppliedMethod): AppliedMethod => ({
  ...method,
  trainable: method.trainable.map((parameter) => ({ ...parameter, decay: true })),
})

/** Replays a reference case on a back end and reports how far the results are from the reference's. */
export async function replayGolden(input: GoldenInput): Promise<GoldenReport> {
  const golden = (await readJson(input.case, 'case.json')) as GoldenCase
  const hp = golden.hyperparameters
  const config = (await readJson(input.model, 'config.json')) as Record<string, unknown>
  const model = defineModel(config, taskOf(golden, config))
  const start = await startOf(input, golden, model)
  const method = decayingAlike(start.method)
  const { virtualTokens = 0, positionOffset = 0 } = method
  const batches = golden.batches.map((batch) => toBatch(batch, virtualTokens))
  const batch = toBatch(golden.probe, virtualTokens)
  const shape = { model, method, maxLength: batch.length + positionOffset, batch: batch.rows, length: batch.length }
  const optimiser = { betas: hp.betas, epsilon: hp.eps, weightDecay: hp.weight_decay, maxGradNorm: hp.max_grad_norm }
  const training = planTraining({ ...shape, optimiser })
  const evaluation = planEvaluation({ ...shape, logits: true })
  const probe: Probe = { plan: evaluation, model, batch, virtualTokens }
  const executor = await input.backend.open({ threads: input.threads })
  try {
    await executor.prepare([training, evaluation])
    const weights = modelWeights(model, await openCheckpoint(input.model))
    await loadBaseWeights(executor, model, weights, shape.maxLength, method)
    if (start.read) for (const { name } of method.trainable) await executor.upload(name, await start.read(name))
    const logits = await openTensors(input.case, 'probe_logits.safetensors')
    if (!logits) throw new GraftError('checkpoint-missing', 'golden case: expected probe_logits.safetensors, got none')
    const before = await probeDifference(executor, probe, await logits.readFloat32('before'))
    const worst = { loss: 0, gradNorm: 0 }
    for (const [i, batch] of batches.entries()) {
      const learningRate = learningRateAt(hp.schedule, hp.lr, i, hp.warmup_steps, hp.steps)
      const result = await trainStep(executor, model, method, {
        batches: [batch],
        planOf: () => training,
        learningRate,
        step: i + 1,
        seed: 0,
      })
      worst.loss = Math.max(worst.loss, relative(result.loss, golden.expected.loss[i] as number))
      worst.gradNorm = Math.max(worst.gradNorm, relative(result.gradNorm, golden.expected.grad_norm[i] as number))
    }
    const after = await probeDifference(executor, probe, await logits.readFloat32('after'))
    const measured = { ...worst, probeBefore: before, probeAfter: after }
    const pass = Object.entries(limitsOf(golden)).every(([name, limit]) => measured[name as keyof Limits] <= limit)
    return { case: input.name, method: golden.method, arch: golden.arch, pass, ...measured }
  } finally {
    await executor.dispose()
  }
}
