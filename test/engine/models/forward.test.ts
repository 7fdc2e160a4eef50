import { describe, expect, it, onTestFinished } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { feedBatch, planEvaluation, type Backend } from '../../../main/engine/plan'
import { collate } from '../../../main/engine/text'
import { plainLogits } from './plain-llama'
import { openPlans, randomWeights, tinyConfig, type Weights } from './tiny-llama'

type Json = Record<string, unknown>

const length = 8
/** Two sequences of unequal length: the shorter one is padded. */
const sequences = [
  [3, 1, 4, 1, 5, 9, 2, 6],
  [2, 7, 10, 8, 0],
]

const variants: Record<string, Json> = {
  'grouped queries, a head of its own': {},
  'as many key/value heads as query heads, tied': { num_key_value_heads: 4, tie_word_embeddings: true },
  'heads wider than the stream, another ε and θ': { head_dim: 6, rms_norm_eps: 0.05, rope_theta: 20 },
  'biases in attention': { attention_bias: true },
  'biases in the MLP': { mlp_bias: true },
  'biases in both, one key/value head': { attention_bias: true, mlp_bias: true, num_key_value_heads: 1 },
}

async function engineLogits(backend: Backend, json: Json, weights: Weights): Promise<number[][]> {
  const model = defineModel(json)
  const method = findMethod('full').apply(model, {})
  const plan = planEvaluation({ model, method, batch: 2, length, maxLength: length, logits: true })
  const executor = await openPlans(backend, model, weights, [plan], length)
  onTestFinished(() => executor.dispose())
  const examples = sequences.map((ids) => ({ ids: Int32Array.from(ids), trained: new Uint8Array(ids.length).fill(1) }))
  await feedBatch(executor, plan, collate(examples, { rows: 2, length }, 0), 1)
  await executor.run(plan, 'logits')
  const logits = await executor.read('logits')
  const width = model.config.vocabSize
  return sequences.flatMap((ids, row) =>
    ids.map((_, t) => [...logits.slice((row * length + t) * width, (row * length + t + 1) * width)]),
  )
}

function plainly(json: Json, weights: Weights): number[][] {
  const { config } = defineModel(json)
  const { layers, heads, kvHeads, headDim } = config
  const [theta, epsilon] = [(json['rope_theta'] as number) ?? 10_000, (json['rms_norm_eps'] as number) ?? 1e-6]
  const frequencies = Array.from({ length: headDim / 2 }, (_, i) => 1 / theta ** ((2 * i) / headDim))
  const plain = { layers, heads, kvHeads, headDim, epsilon, frequencies, weights }
  return sequences.flatMap((ids) => plainLogits(plain, ids).map((row) => [...row]))
}

const largestDifference = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i]![j]!))))

describe.each(Object.entries(variants))('a Llama with %s', (_, change) => {
  const json = { ...tinyConfig, ...change }
  const weights = randomWeights(defineModel(json), 11)

  it.each([referenceBackend, cpuOnnxBackend])('has the logits of its formulas on $name', async (backend) => {
    const expected = plainly(json, weights)
    const logits = await engineLogits(backend, json, weights)
    expect(logits).toHaveLength(sequences.flat().length)
    expect(largestDifference(logits, expected)).toBeLessThan(1e-5)
  })

  it('needs every one of its weights', async () => {
    const before = plainly(json, weights)
    for (const [name, data] of weights) {
      const without = new Map(weights).set(name, data.map((value) => value + 0.5)) // prettier-ignore
      expect(largestDifference(await engineLogits(referenceBackend, json, without), before), name).toBeGreaterThan(1e-4)
    }
  })
})
