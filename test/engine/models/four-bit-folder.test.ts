import { expect, it, onTestFinished } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { openCheckpoint, openSafetensors } from '../../../main/engine/checkpoint'
import { disabled, findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { feedBatch, loadBaseWeights, planEvaluation } from '../../../main/engine/plan'
import { collate } from '../../../main/engine/text'
import { folderFiles } from '../../helpers/folder-files'
import { readJson } from '../methods/small-session'

const files = folderFiles('test/goldens/models/llama-nf4')
const json = await readJson(files, 'config.json')

it.each(['lora', 'qlora'])('a bitsandbytes folder under %s answers as transformers does', async (id) => {
  const expected = await openSafetensors((await files.open('logits.safetensors'))!)
  const ids = new Int32Array((await expected.readBytes('ids')).slice().buffer)
  const model = defineModel(json)
  const method = disabled(findMethod(id).apply(model, {}))
  const plan = planEvaluation({ model, method, batch: 1, length: ids.length, maxLength: ids.length, logits: true })
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  onTestFinished(() => executor.dispose())
  await executor.prepare([plan])
  await loadBaseWeights(executor, model, await openCheckpoint(files), ids.length, method)
  const text = { ids, trained: new Uint8Array(ids.length).fill(1) }
  await feedBatch(executor, plan, collate([text], { rows: 1, length: ids.length }, 0), 1)
  await executor.run(plan, 'logits')
  const [got, wanted] = [await executor.read('logits'), await expected.readFloat32('logits')]
  expect(Math.max(...wanted.map((value, i) => Math.abs(value - got[i]!)))).toBeLessThan(1e-5)
})

it.each([
  [{ quant_method: 'gptq', bits: 4 }, /got gptq/],
  [{ quant_method: 'fp8' }, /got fp8/],
  [{ quant_method: 'bitsandbytes', load_in_8bit: true, load_in_4bit: false }, /got bitsandbytes in 8 bits/],
])('a model stored as %o is refused', (quantisation, message) => {
  const define = (): unknown => defineModel({ ...json, quantization_config: quantisation })
  expect(define).toThrow(expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(message) }))
})
