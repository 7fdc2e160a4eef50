/**
 * Graft's side of the training benchmark: random weights and tokens in a model's shape, one optimiser step for each line
 * "step" on stdin. Prints "ready", then a JSON line {"ms": …} a step; on "quit" the peak resident memory of this process.
 *
 *   node graft-peer.js --shape smollm2-135m --batch 4 --length 256 --method lora --threads 2 [--backend cpu-onnx]
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { cpuOnnxBackend } from '../../main/engine/backends/cpu-onnx'
import type { TensorFile } from '../../main/engine/checkpoint'
import { findMethod } from '../../main/engine/methods'
import { defineModel } from '../../main/engine/models'
import type { ModelDefinition } from '../../main/engine/nn'
import { forecastMemory, initialiseTrainables, loadBaseWeights, planTraining } from '../../main/engine/plan'
import { createRng, type Rng } from '../../main/engine/rng'
import { elementCount } from '../../main/engine/tensor'
import type { Batch } from '../../main/engine/text'
import { trainStep } from '../../main/engine/train'
import { noContext } from '../engine/no-context'

const shapes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'smollm2-135m': {
    model_type: 'llama',
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    vocab_size: 49152,
    tie_word_embeddings: true,
    max_position_embeddings: 2048,
  },
  starter: {
    model_type: 'llama',
    hidden_size: 384,
    intermediate_size: 1024,
    num_hidden_layers: 6,
    num_attention_heads: 6,
    num_key_value_heads: 2,
    vocab_size: 4096,
    tie_word_embeddings: true,
    max_position_embeddings: 1024,
  },
}

const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: 'smollm2-135m' },
    batch: { type: 'string', default: '4' },
    length: { type: 'string', default: '256' },
    method: { type: 'string', default: 'lora' },
    threads: { type: 'string', default: '2' },
    /** Layers whose activations are kept. */
    keep: { type: 'string', default: '0' },
  },
})

function randomBatch(rng: Rng, rows: number, length: number, vocabulary: number): Batch {
  const ids = Int32Array.from({ length: rows * length }, () => rng.integer(vocabulary))
  const labels = ids.map((_, i) => (i % 9 === 0 ? -100 : rng.integer(vocabulary)))
  const positions = ids.map((_, i) => i % length)
  const trainedTokens = labels.filter((label) => label >= 0).length
  const last = positions.slice()
  return {
    rows,
    length,
    ids,
    labels,
    positions,
    first: new Int32Array(ids.length),
    last,
    tokens: ids.length,
    trainedTokens,
  }
}

/** Norms near one, matrices near N(0, 0.02): the values hardly matter for speed, but denormals and NaN would. */
function randomWeights(model: ModelDefinition, rng: Rng): Pick<TensorFile, 'has' | 'info' | 'readFloat32'> {
  const specs = new Map(model.weights.map((spec) => [spec.name, spec]))
  const shapeOf = (name: string): readonly number[] => specs.get(name)?.shape ?? []
  return {
    has: (name) => specs.has(name),
    info: (name) => ({ dtype: 'F32', shape: shapeOf(name) }),
    async readFloat32(name) {
      const shape = shapeOf(name)
      const data = new Float32Array(elementCount(shape))
      for (let i = 0; i < data.length; i++) data[i] = shape.length === 1 ? 1 : (rng.next() - 0.5) * 0.07
      return data
    },
  }
}

/** Linux tells the peak; elsewhere the present size has to do. */
function peakBytes(): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    return Number(kilobytes) * 1024
  } catch {
    return process.memoryUsage.rss()
  }
}

const [rows, length] = [Number(values.batch), Number(values.length)]
const model = defineModel(shapes[values.shape] ?? {})
const method = findMethod(values.method).apply(model, {})
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
const plan = planTraining({
  model,
  method,
  batch: rows,
  length,
  maxLength: length,
  optimiser,
  keepLayers: Number(values.keep),
})
const executor = await cpuOnnxBackend.open({ threads: Number(values.threads) })
const rng = createRng(1)
await loadBaseWeights(executor, model, randomWeights(model, rng), length, method)
await initialiseTrainables(executor, method, rng, noContext)
await executor.prepare([plan])
const batch = randomBatch(rng, rows, length, model.config.vocabSize)
const forecast = forecastMemory([plan])

console.log('ready')
let step = 0
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === 'quit') break
  const start = performance.now()
  step++
  const { loss } = await trainStep(executor, model, method, {
    batches: [batch],
    planOf: () => plan,
    learningRate: 1e-4,
    step,
    seed: 0,
  })
  console.log(JSON.stringify({ ms: performance.now() - start, loss }))
}
console.log(JSON.stringify({ peakBytes: peakBytes(), forecast }))
process.exit(0)
