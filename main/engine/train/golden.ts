import { openSafetensors, openCheckpoint, type TensorFile } from '../checkpoint'
import { GraftError } from '../errors'
import { findMethod, methodFromAdapter } from '../methods'
import { defineModel, readLabels } from '../models'
import { causalLm, type AppliedMethod, type ModelDefinition, type Task } from '../nn'
import { learningRateAt, type ScheduleName } from '../optim'
import {
  feedBatch,
  loadBaseWeights,
  loadTensors,
  planEvaluation,
  planTraining,
  type Backend,
  type Executor,
  type Plan,
} from '../plan'
import type { FileSource } from '../tensor'
import { ignoredLabel, type Batch } from '../text'
import { trainStep } from './step'

/** A reference case: batches, hyper-parameters and what PyTorch got. */
interface GoldenCase {
  readonly arch: string
  readonly method: string
  /** Absent: causal-lm. */
  readonly task?: Task['kind']
  readonly hyperparameters: {
    readonly lr: number
    readonly betas: [number, number]
    readonly eps: number
    readonly weight_decay: number
    readonly max_grad_norm: number
    readonly schedule: ScheduleName
    readonly warmup_steps: number
    readonly steps: number
  }
  readonly batches: readonly GoldenBatch[]
  readonly probe: GoldenBatch
  readonly expected: { readonly loss: readonly number[]; readonly grad_norm: readonly number[] }
}

interface GoldenBatch {
  readonly input_ids: readonly (readonly number[])[]
  readonly attention_mask: readonly (readonly number[])[]
  /** [B, T], or [B] for a classification: one class a row. */
  readonly labels: readonly (readonly number[])[] | readonly number[]
}

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

export const goldenLimits = { loss: 1e-4, gradNorm: 1e-3, probeBefore: 2e-4, probeAfter: 2e-3 } as const

export interface GoldenInput {
  readonly name: string
  readonly case: FileSource
  /** Its folder adapter_init; empty for full fine-tuning. */
  readonly adapter: FileSource
  readonly model: FileSource
  readonly backend: Backend
  readonly threads: number
}

async function readJson(files: FileSource, name: string): Promise<unknown> {
  const source = await files.open(name)
  if (!source)
    throw new GraftError('checkpoint-missing', `golden case: expected a file ${name}, got none; check the folder`, {
      name,
    })
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  return JSON.parse(new TextDecoder().decode(bytes))
}

async function openTensors(files: FileSource, name: string): Promise<TensorFile | undefined> {
  const source = await files.open(name)
  return source && openSafetensors(source)
}

/** The label of each token: the token after it, or of a row's last token the row's class. */
function labelRows({ labels }: GoldenBatch, lengths: readonly number[], length: number): number[][] {
  return labels.map((row, i) => {
    if (typeof row !== 'number') return [...row.slice(1), ignoredLabel]
    return Array.from({ length }, (_, t) => (t === (lengths[i] as number) - 1 ? row : ignoredLabel))
  })
}

/** Ranges causal; as in the reference, padding (on the right) sees the real tokens only. */
function toBatch(batch: GoldenBatch): Batch {
  const { input_ids, attention_mask } = batch
  const [rows, length] = [input_ids.length, input_ids[0]?.length ?? 0]
  const columns = Int32Array.from({ length: rows * length }, (_, i) => i % length)
  const lengths = attention_mask.map((row) => row.reduce((sum, bit) => sum + bit, 0))
  const labels = Int32Array.from(labelRows(batch, lengths, length).flat())
  return {
    rows,
    length,
    ids: Int32Array.from(input_ids.flat()),
    positions: columns,
    labels,
    first: new Int32Array(rows * length),
    last: columns.map((column, i) => Math.min(column, (lengths[Math.floor(i / length)] ?? 1) - 1)),
    tokens: lengths.reduce((sum, n) => sum + n, 0),
    trainedTokens: labels.filter((label) => label !== ignoredLabel).length,
  }
}

const taskOf = ({ task = 'causal-lm' }: GoldenCase, config: Record<string, unknown>): Task =>
  task === 'causal-lm' ? causalLm : { kind: task, labels: readLabels(config) }

async function methodOf(input: GoldenInput, model: ModelDefinition): Promise<AppliedMethod> {
  const source = await input.adapter.open('adapter_config.json')
  if (!source) return findMethod('full').apply(model, {})
  const config = (await readJson(input.adapter, 'adapter_config.json')) as Record<string, unknown>
  const { method, values } = methodFromAdapter(config)
  return method.apply(model, values)
}

const relative = (got: number, expected: number): number => Math.abs(got - expected) / Math.abs(expected)

function largestDifference(got: Float32Array, expected: Float32Array): number {
  let worst = 0
  for (let i = 0; i < expected.length; i++)
    worst = Math.max(worst, Math.abs((got[i] as number) - (expected[i] as number)))
  return Number.isNaN(worst) ? Infinity : worst
}

/** The logits that the reference has: those of all rows, or of a classification those of each text's last token. */
function chosenLogits(all: Float32Array, { task, outputs }: ModelDefinition, { labels }: Batch): Float32Array {
  if (task.kind === 'causal-lm') return all
  const rows = [...labels.keys()].filter((row) => labels[row] !== ignoredLabel)
  return Float32Array.from(rows.flatMap((row) => [...all.subarray(row * outputs, (row + 1) * outputs)]))
}

async function probeDifference(
  executor: Executor,
  plan: Plan,
  model: ModelDefinition,
  probe: Batch,
  expected: Float32Array,
): Promise<number> {
  await feedBatch(executor, probe, 1)
  await executor.run(plan, 'logits')
  return largestDifference(chosenLogits(await executor.read('logits'), model, probe), expected)
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
  const method = decayingAlike(await methodOf(input, model))
  const batches = golden.batches.map(toBatch)
  const probe = toBatch(golden.probe)
  const shape = { model, method, maxLength: probe.length, batch: probe.rows, length: probe.length }
  const optimiser = { betas: hp.betas, epsilon: hp.eps, weightDecay: hp.weight_decay, maxGradNorm: hp.max_grad_norm }
  const training = planTraining({ ...shape, optimiser })
  const evaluation = planEvaluation({ ...shape, logits: true })
  const executor = await input.backend.open({ threads: input.threads })
  try {
    await executor.prepare([training, evaluation])
    await loadBaseWeights(executor, model, await openCheckpoint(input.model), shape.maxLength)
    const adapter = await openTensors(input.adapter, 'adapter_model.safetensors')
    const tensorName = method.adapter?.tensorName
    if (adapter && tensorName)
      await loadTensors(
        executor,
        adapter,
        method.trainable.map(({ name, shape }) => ({ slot: name, tensor: tensorName(name), shape })),
      )
    const logits = await openTensors(input.case, 'probe_logits.safetensors')
    if (!logits) throw new GraftError('checkpoint-missing', 'golden case: expected probe_logits.safetensors, got none')
    const before = await probeDifference(executor, evaluation, model, probe, await logits.readFloat32('before'))
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
    const after = await probeDifference(executor, evaluation, model, probe, await logits.readFloat32('after'))
    const measured = { ...worst, probeBefore: before, probeAfter: after }
    const pass = Object.entries(goldenLimits).every(([name, limit]) => measured[name as keyof typeof measured] <= limit)
    return { case: input.name, method: golden.method, arch: golden.arch, pass, ...measured }
  } finally {
    await executor.dispose()
  }
}
