import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { openCheckpoint, type Checkpoint } from '../../../main/engine/checkpoint'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import type { AppliedMethod, ModelDefinition, ParameterValues, ReadTensor } from '../../../main/engine/nn'
import {
  feedBatch,
  initialiseTrainables,
  loadBaseWeights,
  planEvaluation,
  planTraining,
  type Executor,
  type Plan,
} from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import type { FileSource } from '../../../main/engine/tensor'
import { collate, type Batch } from '../../../main/engine/text'
import { trainStep } from '../../../main/engine/train/step'
import { folderFiles } from '../../helpers/folder-files'
import { noContext } from '../no-context'

const shape = { batch: 2, length: 12, maxLength: 12 }
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 }

export interface SmallModel {
  readonly files: FileSource
  readonly json: Readonly<Record<string, unknown>>
  readonly model: ModelDefinition
  readonly checkpoint: Checkpoint
}

export async function readJson(files: FileSource, name: string): Promise<Record<string, unknown>> {
  const source = await files.open(name)
  if (!source) throw new Error(`the test needs a file ${name}`)
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  return JSON.parse(new TextDecoder().decode(bytes))
}

export async function openModel(files: FileSource): Promise<SmallModel> {
  const json = await readJson(files, 'config.json')
  return { files, json, model: defineModel(json), checkpoint: await openCheckpoint(files) }
}

export const goldenFolder = (name: string): FileSource => folderFiles(`test/goldens/${name}`)
export const openGolden = (name: string): Promise<SmallModel> => openModel(goldenFolder(`models/${name}`))

/** Two rows of random tokens, all but the first four of each trained; the second row is shorter. */
function randomBatch(vocabulary: number, seed: number): Batch {
  const rng = createRng(seed)
  const examples = [shape.length, shape.length - 3].map((length) => ({
    ids: Int32Array.from({ length }, () => 4 + rng.integer(vocabulary - 4)),
    trained: Uint8Array.from({ length }, (_, i) => Number(i >= 4)),
  }))
  return collate(examples, { rows: shape.batch, length: shape.length }, 0)
}

/** What `logits` is about: [2, 12] token ids, attended causally. */
export const probeOf = ({ config }: ModelDefinition): Batch => randomBatch(config.vocabSize, 99)

/** A model with a method on the CPU back end: what the tests train, read and ask for logits. */
export interface Session {
  readonly method: AppliedMethod
  readonly executor: Executor
  train(steps: number, seed?: number): Promise<void>
  /** Of one fixed batch, with the given method's hooks (its own by default). */
  logits(plan?: Plan): Promise<Float32Array>
  /** A copy of a slot. */
  read: ReadTensor
}

export function evaluationOf(model: ModelDefinition, method: AppliedMethod): Plan {
  return planEvaluation({ model, method, ...shape, logits: true })
}

export async function withSession<T>(
  { model, checkpoint }: Pick<SmallModel, 'model' | 'checkpoint'>,
  method: AppliedMethod,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  const training = planTraining({ model, method, ...shape, optimiser })
  const evaluation = evaluationOf(model, method)
  const { vocabSize } = model.config
  try {
    await executor.prepare([training, evaluation])
    await loadBaseWeights(executor, model, checkpoint, shape.maxLength)
    await initialiseTrainables(executor, method, createRng(7), noContext)
    return await use({
      method,
      executor,
      read: async (slot) => (await executor.read(slot)).slice(),
      async train(steps, seed = 0) {
        for (let step = 1; step <= steps; step++) {
          const batches = [randomBatch(vocabSize, 100 + step)]
          await trainStep(executor, model, method, { batches, planOf: () => training, learningRate: 5e-3, step, seed })
        }
      },
      async logits(plan = evaluation) {
        await feedBatch(executor, plan, probeOf(model), 1)
        await executor.run(plan, 'logits')
        return (await executor.read('logits')).slice()
      },
    })
  } finally {
    await executor.dispose()
  }
}

export function applyMethod({ model }: SmallModel, id: string, values: ParameterValues = {}): AppliedMethod {
  return findMethod(id).apply(model, values)
}

/** The logits of a plain model. */
export async function plainLogits(small: SmallModel): Promise<Float32Array> {
  return withSession(small, applyMethod(small, 'full'), (session) => session.logits())
}

export function largestDifference(got: Float32Array, expected: Float32Array): number {
  if (got.length !== expected.length) return Infinity
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] as number))), 0)
  return Number.isNaN(worst) ? Infinity : worst
}

/** The trained tensors by name, as the exporters read them after the executor is gone. */
export async function trainedTensors({ method, read }: Session): Promise<ReadTensor> {
  const tensors = new Map<string, Float32Array>()
  for (const { name } of method.trainable) tensors.set(name, await read(name))
  return async (name) => tensors.get(name) as Float32Array
}
