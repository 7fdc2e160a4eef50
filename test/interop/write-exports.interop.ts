import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { writeSafetensors, type TensorToWrite } from '../../main/engine/checkpoint'
import { exportMergedHf, exportPeft } from '../../main/engine/export'
import { defineModel } from '../../main/engine/models'
import { atomicFileSink, writeFileAtomic } from '../../main/files'
import { openBaseModel } from '../../main/models'
import { folderFiles } from '../helpers/folder-files'
import {
  applyMethod,
  openModel,
  plainLogits,
  probeOf,
  trainedTensors,
  withSession,
  type SmallModel,
} from '../engine/methods/small-session'
import { card, folderTarget } from '../engine/export/targets'

const out = process.env['GRAFT_INTEROP_OUT'] ?? ''

/** SmolLM2-135M-Instruct as a GGUF file, where there is one. */
const gguf = process.env['GRAFT_SMOLLM2']

const cases = [
  { name: 'starter', base: 'resources/starter', values: {} },
  { name: 'llama', base: 'test/goldens/models/llama', values: { rslora: true, dropout: 0.1, r: 4 } },
  {
    name: 'llama-tied-scaled',
    base: 'test/goldens/models/llama-tied-scaled',
    values: { targets: 'q_proj, model.layers.1.mlp.down_proj' },
  },
  ...(gguf ? [{ name: 'smollm2-gguf', base: gguf, values: {} }] : []),
]

async function openBase(path: string): Promise<SmallModel> {
  const { files, config, weights } = await openBaseModel(path)
  const json = await config()
  const model = defineModel(json)
  return { files, json, model, checkpoint: await weights(model) }
}

async function writeTensors(path: string, tensors: TensorToWrite[]): Promise<void> {
  const sink = await atomicFileSink(path)
  await writeSafetensors(sink, tensors)
  await sink.commit()
}

test('GRAFT_INTEROP_OUT names a folder to write to', () => {
  expect(out).not.toBe('')
})

test.each(cases)('$name: both formats and what they should answer', async ({ name, base, values }) => {
  const folder = join(out, name)
  for (const part of ['peft', 'merged-hf']) await mkdir(join(folder, part), { recursive: true })
  const small = await openBase(resolve(base))
  const { model, checkpoint, json, files } = small
  const method = applyMethod(small, 'lora', values)
  const { read, adapterLogits } = await withSession(small, method, async (session) => {
    await session.train(4)
    return { read: await trainedTensors(session), adapterLogits: await session.logits() }
  })
  await exportPeft({ method, read, card, target: folderTarget(join(folder, 'peft')) })
  const target = folderTarget(join(folder, 'merged-hf'))
  const merged = { model, checkpoint, config: json, files, method, read, dtype: 'base', stopIds: [2], card } as const
  await exportMergedHf({ ...merged, target, maxShardBytes: 300_000 })

  const probe = probeOf(model)
  const shape = [probe.rows, probe.length]
  const ids = new Uint8Array(BigInt64Array.from(probe.ids, BigInt).buffer)
  const floats = (tensor: string, data: Float32Array): TensorToWrite => ({
    name: tensor,
    dtype: 'F32',
    shape: [...shape, model.config.vocabSize],
    data,
  })
  const mergedLogits = await plainLogits(await openModel(folderFiles(join(folder, 'merged-hf'))))
  await writeTensors(join(folder, 'expected.safetensors'), [
    { name: 'input_ids', dtype: 'I64', shape, data: ids },
    floats('base_logits', await plainLogits(small)),
    floats('adapter_logits', adapterLogits),
    floats('merged_logits', mergedLogits),
  ])
  await writeFileAtomic(join(folder, 'case.json'), `${JSON.stringify({ name, base: resolve(base) }, null, 2)}\n`)
})
