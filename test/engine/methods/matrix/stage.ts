import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { openCheckpoint, type Checkpoint } from '../../../../main/engine/checkpoint'
import { findMethod } from '../../../../main/engine/methods'
import { defineModel, modelWeights } from '../../../../main/engine/models'
import type { AppliedMethod, InitialContext, ModelDefinition, Task } from '../../../../main/engine/nn'
import {
  bringsWeight,
  feedBatch,
  loadBaseWeights,
  planEvaluation,
  planTraining,
  readAsComputed,
  type Executor,
  type Plan,
} from '../../../../main/engine/plan'
import { createRng } from '../../../../main/engine/rng'
import type { FileSource } from '../../../../main/engine/tensor'
import { ignoredLabel, type Batch } from '../../../../main/engine/text'
import { folderFiles } from '../../../helpers/folder-files'
import { readJson } from '../small-session'

/** A tiny model for a task, from files. */
export interface StageModel {
  readonly files: FileSource
  readonly json: Readonly<Record<string, unknown>>
  readonly model: ModelDefinition
  readonly checkpoint: Checkpoint
}

export async function openStageModel(files: FileSource, task?: Task): Promise<StageModel> {
  const json = await readJson(files, 'config.json')
  const model = defineModel(json, task)
  return { files, json, model, checkpoint: modelWeights(model, await openCheckpoint(files)) }
}

/** The model that a method has under it: what its storage loses of the weights is lost here, too. */
export function asComputed(stage: StageModel, method: AppliedMethod): StageModel {
  return { ...stage, checkpoint: { ...stage.checkpoint, readFloat32: readAsComputed(stage.checkpoint, method) } }
}

export const openFamily = (family: string, task: Task): Promise<StageModel> =>
  openStageModel(folderFiles(`test/goldens/models/${family}`), task)

export const contextOf = ({ checkpoint, model }: StageModel): InitialContext => ({
  brings: (weight) => bringsWeight(checkpoint, weight),
  read: (weight) => checkpoint.readFloat32(weight),
  tokenize: (text) => Array.from(text, (char) => char.charCodeAt(0) % model.config.vocabSize),
})

const rows = 2
/** Tokens of a row's text; the second row is shorter by three. */
const textLength = 10
const lengths = [textLength, textLength - 3]

/** What a text's token is to be told: the next one, or at the last token the text's class. */
function labelOf({ task, outputs }: ModelDefinition, ids: readonly number[], row: number, t: number): number {
  const isLast = t === (lengths[row] as number) - 1
  if (task.kind === 'causal-lm') return isLast || t < 2 ? ignoredLabel : (ids[t + 1] as number)
  return isLast ? row % outputs : ignoredLabel
}

/** Two random texts behind a method's virtual tokens. */
export function batchOf(model: ModelDefinition, { virtualTokens = 0 }: AppliedMethod, seed: number): Batch {
  const rng = createRng(seed)
  const length = virtualTokens + textLength
  const texts = lengths.map((n) => Array.from({ length: n }, () => 4 + rng.integer(model.config.vocabSize - 4)))
  const column = (fill: (row: number, t: number) => number, before = 0): Int32Array =>
    Int32Array.from({ length: rows * length }, (_, i) => {
      const [row, t] = [Math.floor(i / length), (i % length) - virtualTokens]
      return t < 0 ? before : t < (lengths[row] as number) ? fill(row, t) : before
    })
  const places = Int32Array.from({ length: rows * length }, (_, i) => i % length)
  const labels = column((row, t) => labelOf(model, texts[row] as number[], row, t), ignoredLabel)
  return {
    rows,
    length,
    ids: column((row, t) => texts[row]?.[t] as number),
    positions: places,
    labels,
    first: new Int32Array(rows * length),
    last: places,
    tokens: lengths.reduce((sum, n) => sum + n, 0),
    trainedTokens: labels.filter((label) => label !== ignoredLabel).length,
  }
}

const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 }

/** As long as the longest row of any method here, its prefix and virtual tokens included. */
export const maxLength = 64

function shapeOf(model: ModelDefinition, method: AppliedMethod) {
  return { model, method, batch: rows, length: textLength + (method.virtualTokens ?? 0), maxLength }
}

export const trainingOf = (model: ModelDefinition, method: AppliedMethod, keepLayers = 0): Plan =>
  planTraining({ ...shapeOf(model, method), optimiser, keepLayers })

export const answeringOf = (model: ModelDefinition, method: AppliedMethod): Plan =>
  planEvaluation({ ...shapeOf(model, method), logits: true })

/** The model alone: a method without hooks. */
export const bareMethod = (model: ModelDefinition): AppliedMethod => findMethod('full').apply(model, {})

/** The logits of the texts' own tokens, of one fixed batch. */
export async function answers(
  executor: Executor,
  plan: Plan,
  model: ModelDefinition,
  method: AppliedMethod,
): Promise<Float32Array> {
  const batch = batchOf(model, method, 99)
  await feedBatch(executor, plan, batch, 1)
  await executor.run(plan, 'logits')
  const all = await executor.read('logits')
  const real = (i: number): boolean => {
    const t = (i % batch.length) - (method.virtualTokens ?? 0)
    return t >= 0 && t < (lengths[Math.floor(i / batch.length)] as number)
  }
  const { outputs } = model
  const chosen = Array.from({ length: rows * batch.length }, (_, i) => i).filter(real)
  return Float32Array.from(chosen.flatMap((i) => [...all.subarray(i * outputs, (i + 1) * outputs)]))
}

/** An executor with plans and the base model's weights, as a method holds them. */
export async function withStage<T>(
  { model, checkpoint }: StageModel,
  method: AppliedMethod,
  plans: readonly Plan[],
  use: (executor: Executor) => Promise<T>,
): Promise<T> {
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  try {
    await executor.prepare(plans)
    await loadBaseWeights(executor, model, checkpoint, maxLength, method)
    return await use(executor)
  } finally {
    await executor.dispose()
  }
}
