import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { openCheckpoint, type Checkpoint } from '../../../main/engine/checkpoint'
import { findMethod } from '../../../main/engine/methods'
import { defineModel, modelWeights } from '../../../main/engine/models'
import type {
  AppliedMethod,
  InitialContext,
  ModelDefinition,
  ParameterValues,
  ReadTensor,
} from '../../../main/engine/nn'
import {
  bringsWeight,
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
import { collate, withPlaceholders, type Batch } from '../../../main/engine/text'
import { trainStep } from '../../../main/engine/train/step'
import { folderFiles } from '../../helpers/folder-files'

/** With positions to spare, for methods that begin to count behind the first ones. */
const shape = { batch: 2, length: 12, maxLength: 40 }
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
  const model = defineModel(json)
  return { files, json, model, checkpoint: modelWeights(model, await openCheckpoint(files)) }
}

export const goldenFolder = (name: string): FileSource => folderFiles(`test/goldens/${name}`)
export const openGolden = (name: string): Promise<SmallModel> => openModel(goldenFolder(`models/${name}`))

/** Two rows of random tokens, all but the first four of each trained; the second row is shorter. */
function randomBatch(vocabulary: number, seed: number, virtualTokens = 0): Batch {
  const rng = createRng(seed)
  const examples = [shape.length, shape.length - 3].map((length) => ({
    ids: Int32Array.from({ length }, () => 4 + rng.integer(vocabulary - 4)),
    trained: Uint8Array.from({ length }, (_, i) => Number(i >= 4)),
  }))
  const rows = examples.map((example) => withPlaceholders({ ...example, notes: [] }, virtualTokens))
  return collate(rows, { rows: shape.batch, length: virtualTokens + shape.length }, 0)
}

/** What `logits` is about: [2, 12] token ids, attended causally. */
export const probeOf = ({ config }: ModelDefinition, virtualTokens = 0): Batch =>
  randomBatch(config.vocabSize, 99, virtualTokens)

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

/** A method's plans see its virtual tokens before the texts. */
const shapeOf = ({ virtualTokens = 0 }: AppliedMethod) => ({ ...shape, length: virtualTokens + shape.length })

export function evaluationOf(model: ModelDefinition, method: AppliedMethod): Plan {
  return planEvaluation({ model, method, ...shapeOf(method), logits: true })
}

/** A plan's virtual tokens: its rows are longer by so much. */
const virtualTokensIn = ({ slots }: Plan): number =>
  (slots.get('batch.ids')?.shape[0] ?? 0) / shape.batch - shape.length

/** What the method's own first values are made of; a text's tokens are its letters. */
const contextOf = ({ checkpoint }: Pick<SmallModel, 'checkpoint'>): InitialContext => ({
  brings: (weight) => bringsWeight(checkpoint, weight),
  read: (weight) => checkpoint.readFloat32(weight),
  tokenize: (text) => Array.from(text, (letter) => letter.codePointAt(0)! % 300),
})

/** The rows of the texts themselves, [2 · 12, outputs]. */
function withoutVirtualTokens(logits: Float32Array, virtualTokens: number): Float32Array {
  const width = logits.length / shape.batch / (virtualTokens + shape.length)
  const length = virtualTokens + shape.length
  const texts = Array.from({ length: shape.batch }, (_, row) =>
    logits.subarray((row * length + virtualTokens) * width, (row + 1) * length * width),
  )
  return Float32Array.from(texts.flatMap((text) => [...text]))
}

export async function withSession<T>(
  { model, checkpoint }: Pick<SmallModel, 'model' | 'checkpoint'>,
  method: AppliedMethod,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  const training = planTraining({ model, method, ...shapeOf(method), optimiser })
  const evaluation = evaluationOf(model, method)
  const { vocabSize } = model.config
  try {
    await executor.prepare([training, evaluation])
    await loadBaseWeights(executor, model, checkpoint, shape.maxLength)
    await initialiseTrainables(executor, method, createRng(7), contextOf({ checkpoint }))
    return await use({
      method,
      executor,
      read: async (slot) => (await executor.read(slot)).slice(),
      async train(steps, seed = 0) {
        for (let step = 1; step <= steps; step++) {
          const batches = [randomBatch(vocabSize, 100 + step, method.virtualTokens)]
          await trainStep(executor, model, method, { batches, planOf: () => training, learningRate: 5e-3, step, seed })
        }
      },
      async logits(plan = evaluation) {
        const virtualTokens = virtualTokensIn(plan)
        await feedBatch(executor, plan, probeOf(model, virtualTokens), 1)
        await executor.run(plan, 'logits')
        return withoutVirtualTokens(await executor.read('logits'), virtualTokens)
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

/** The trained tensors and those derived of them by name, as the exporters read them after the executor is gone. */
export async function trainedTensors({ method, read }: Session): Promise<ReadTensor> {
  const tensors = new Map<string, Float32Array>()
  const derived = (method.derived ?? []).flatMap((derivation) => derivation.tensors)
  for (const { name } of [...method.trainable, ...derived]) tensors.set(name, await read(name))
  return async (name) => tensors.get(name) as Float32Array
}
