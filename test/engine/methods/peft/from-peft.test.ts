import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { openCheckpoint, openSafetensors } from '../../../../main/engine/checkpoint'
import { loadAdapter } from '../../../../main/engine/methods'
import { defineModel, modelWeights } from '../../../../main/engine/models'
import { feedBatch, loadBaseWeights, planEvaluation } from '../../../../main/engine/plan'
import type { FileSource } from '../../../../main/engine/tensor'
import { readJson, toBatch, type GoldenCase } from '../../../../main/engine/train/golden-case'
import { goldenFolder, largestDifference } from '../small-session'

/** Reference runs of language models whose last adapter PEFT wrote itself. */
const cases = readdirSync('test/goldens').filter(
  (name) => existsSync(`test/goldens/${name}/adapter_final/adapter_config.json`) && !name.includes('-cls-'),
)

interface PeftCase extends GoldenCase {
  readonly model: string
}

async function tensor(files: FileSource, file: string, name: string): Promise<Float32Array> {
  const source = await files.open(file)
  return (await openSafetensors(source!)).readFloat32(name)
}

test.each(cases)('the adapter that PEFT wrote in %s answers as it does there', async (name) => {
  const files = goldenFolder(name)
  const golden = (await readJson(files, 'case.json')) as PeftCase
  const base = goldenFolder(golden.model.replace('../', ''))
  const model = defineModel((await readJson(base, 'config.json')) as Record<string, unknown>)
  const { method, read } = await loadAdapter(goldenFolder(`${name}/adapter_final`), model)
  const { virtualTokens = 0 } = method
  const batch = toBatch(golden.probe, virtualTokens)
  const shape = { model, method, maxLength: 64, batch: batch.rows, length: batch.length }
  const plan = planEvaluation({ ...shape, logits: true })
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  try {
    await executor.prepare([plan])
    await loadBaseWeights(executor, model, modelWeights(model, await openCheckpoint(base)), shape.maxLength)
    for (const { name: slot } of method.trainable) await executor.upload(slot, await read(slot))
    await feedBatch(executor, plan, batch, 1)
    await executor.run(plan, 'logits')
    const logits = await executor.read('logits')
    const expected = await tensor(files, 'probe_logits.safetensors', 'after')
    // Of the first two rows, the texts without the virtual tokens.
    const row = batch.length * model.outputs
    const texts = [0, 1].flatMap((i) => [...logits.subarray(i * row + virtualTokens * model.outputs, (i + 1) * row)])
    expect(largestDifference(Float32Array.from(texts), expected)).toBeLessThan(2e-4)
  } finally {
    await executor.dispose()
  }
})
