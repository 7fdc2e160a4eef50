import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { openCheckpoint } from '../../../main/engine/checkpoint'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import {
  forecastMemory,
  initialiseTrainables,
  keptBytes,
  loadBaseWeights,
  planTraining,
  type TrainingPlanOptions,
} from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { collate } from '../../../main/engine/text'
import { trainStep } from '../../../main/engine/train'
import { folderFiles } from '../../helpers/folder-files'
import { noContext } from '../no-context'

const folder = fileURLToPath(new URL('../../goldens/models/llama', import.meta.url))
const model = defineModel(JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as Record<string, unknown>)
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 }
const length = 20

function optionsOf(method: string, parameters: Record<string, number>, keepLayers: number): TrainingPlanOptions {
  const applied = findMethod(method).apply(model, parameters)
  return { model, method: applied, batch: 3, length, maxLength: length, optimiser, keepLayers }
}

const rng = createRng(5)
const examples = [20, 13, 7].map((n) => ({
  ids: Int32Array.from({ length: n }, () => rng.integer(320)),
  trained: new Uint8Array(n).fill(1),
}))
const batch = collate(examples, { rows: 3, length }, 0)

/** Losses, norms and trained tensors after three steps. */
async function trained(options: TrainingPlanOptions): Promise<string> {
  const plan = planTraining(options)
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  try {
    await executor.prepare([plan])
    await loadBaseWeights(executor, model, await openCheckpoint(folderFiles(folder)), length)
    await initialiseTrainables(executor, options.method, createRng(1), noContext)
    const results: unknown[] = []
    for (const step of [1, 2, 3]) {
      const input = { batches: [batch], planOf: () => plan, learningRate: 1e-2, step, seed: 3 }
      results.push(await trainStep(executor, model, options.method, input))
    }
    for (const { name } of options.method.trainable.slice(0, 6)) results.push([...(await executor.read(name))])
    return JSON.stringify(results)
  } finally {
    await executor.dispose()
  }
}

describe.each([
  { method: 'lora', parameters: { r: 4 } },
  { method: 'lora', parameters: { r: 4, dropout: 0.2 } },
  { method: 'full', parameters: {} },
])('kept activations, $method $parameters', ({ method, parameters }) => {
  test('train exactly as recomputed ones', async () => {
    const recomputed = await trained(optionsOf(method, parameters, 0))
    expect(await trained(optionsOf(method, parameters, 1))).toBe(recomputed)
    expect(await trained(optionsOf(method, parameters, 2))).toBe(recomputed)
  })

  test('cost what keptBytes says, once a layer', () => {
    const activations = (keepLayers: number): number =>
      forecastMemory([planTraining(optionsOf(method, parameters, keepLayers))]).find(
        ({ part }) => part === 'activations',
      )?.bytes ?? 0
    const bytes = keptBytes(optionsOf(method, parameters, 0))
    expect(bytes).toBeGreaterThan(0)
    expect([1, 2].map((n) => activations(n) - activations(0))).toEqual([bytes, 2 * bytes])
  })
})
