import { readFile } from 'node:fs/promises'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { openCheckpoint } from '../../../main/engine/checkpoint'
import { findMethod } from '../../../main/engine/methods'
import { defineModel, modelWeights } from '../../../main/engine/models'
import {
  causalLm,
  type AppliedMethod,
  type ModelDefinition,
  type ParameterValues,
  type Task,
} from '../../../main/engine/nn'
import { loadBaseWeights, planEvaluation, type Executor, type Plan } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { folderFiles } from '../../helpers/folder-files'

export interface OpenedModel {
  readonly executor: Executor
  readonly model: ModelDefinition
  readonly method: AppliedMethod
  readonly maxLength: number
}

interface MethodChoice {
  readonly id: string
  readonly values: ParameterValues
}

/** A model folder in a CPU executor; every tensor that a method adds gets numbers that change the output. */
export async function openModel(
  folder: string,
  maxLength: number,
  { id, values }: MethodChoice = { id: 'full', values: {} },
  task: Task = causalLm,
): Promise<OpenedModel> {
  const model = defineModel(JSON.parse(await readFile(`${folder}/config.json`, 'utf8')), task)
  const method = findMethod(id).apply(model, values)
  const executor = await cpuOnnxBackend.open({ threads: 2 })
  await loadBaseWeights(executor, model, modelWeights(model, await openCheckpoint(folderFiles(folder))), maxLength)
  const rng = createRng(7)
  const own = new Set(model.weights.map(({ name }) => name))
  for (const { name, shape } of method.trainable)
    if (!own.has(name)) {
      const size = shape.reduce((product, n) => product * n, 1)
      await executor.upload(
        name,
        Float32Array.from({ length: size }, () => 0.1 * rng.normal()),
      )
    }
  return { executor, model, method, maxLength }
}

export const randomIds = (count: number, vocabSize: number, seed: number): number[] => {
  const rng = createRng(seed)
  return Array.from({ length: count }, () => rng.integer(vocabSize))
}

export type Recomputation = (ids: readonly number[]) => Promise<Float32Array[]>

/** Computes everything anew, with no cache: the scores after every prefix of the ids. */
export async function createRecomputation(opened: OpenedModel): Promise<Recomputation> {
  const { executor, model, method, maxLength } = opened
  const plan: Plan = planEvaluation({ model, method, maxLength, batch: 1, length: maxLength, logits: true })
  await executor.prepare([plan])
  return async (ids) => {
    const places = (): Int32Array => Int32Array.from({ length: maxLength }, (_, i) => i)
    await executor.upload(
      'batch.ids',
      Int32Array.from({ length: maxLength }, (_, i) => ids[i] ?? 0),
    )
    await executor.upload('batch.positions', places())
    await executor.upload('batch.first', new Int32Array(maxLength))
    await executor.upload('batch.last', places())
    await executor.run(plan, 'logits')
    const logits = await executor.read('logits')
    const width = model.config.vocabSize
    return ids.map((_, row) => logits.slice(row * width, (row + 1) * width))
  }
}
