import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { writeSafetensors, type TensorToWrite } from '../../main/engine/checkpoint'
import { exportMergedHf, exportPeft } from '../../main/engine/export'
import { defineModel } from '../../main/engine/models'
import type { AppliedMethod, ParameterValues, ReadTensor } from '../../main/engine/nn'
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

interface Case {
  readonly name: string
  readonly base: string
  /** Absent: LoRA. */
  readonly method?: string
  readonly values?: ParameterValues
}

/** What stands in front of the texts, in each of its forms, on families that lay out keys and positions differently. */
const promptMethods: readonly Case[] = [
  { name: 'prompt', method: 'prompt', values: { tokens: 7 } },
  { name: 'prefix', method: 'prefix', values: { tokens: 7 } },
  { name: 'prefix-projected', method: 'prefix', values: { tokens: 5, projection: true, hidden: 24 } },
  { name: 'p-tuning-lstm', method: 'p-tuning', values: { tokens: 6, hidden: 16 } },
  { name: 'p-tuning-mlp', method: 'p-tuning', values: { tokens: 6, encoder: 'mlp', hidden: 16 } },
  { name: 'p-tuning-v2', method: 'p-tuning-v2', values: { tokens: 9 } },
].flatMap((row) =>
  ['llama', 'qwen2', 'qwen3', 'gpt2', 'gemma3'].map((family) => ({
    ...row,
    name: `${family}-${row.name}`,
    base: `test/goldens/models/${family}`,
  })),
)

const cases: readonly Case[] = [
  { name: 'starter', base: 'resources/starter' },
  { name: 'llama', base: 'test/goldens/models/llama', values: { rslora: true, dropout: 0.1, r: 4 } },
  {
    name: 'llama-tied-scaled',
    base: 'test/goldens/models/llama-tied-scaled',
    values: { targets: 'q_proj, model.layers.1.mlp.down_proj' },
  },
  ...['qwen2', 'qwen3', 'gemma3', 'gpt2'].map((name) => ({ name, base: `test/goldens/models/${name}` })),
  ...promptMethods,
  ...(gguf ? [{ name: 'smollm2-gguf', base: gguf }] : []),
  ...(gguf ? [{ name: 'smollm2-gguf-prefix', base: gguf, method: 'prefix' }] : []),
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

/** The merged model's folder, and what it answers read again. */
async function writeMerged(folder: string, small: SmallModel, method: AppliedMethod, read: ReadTensor) {
  const { model, checkpoint, json, files } = small
  await mkdir(folder, { recursive: true })
  const target = folderTarget(folder)
  const merged = { model, checkpoint, config: json, files, method, read, dtype: 'base', stopIds: [2], card } as const
  await exportMergedHf({ ...merged, target, maxShardBytes: 300_000 })
  return plainLogits(await openModel(folderFiles(folder)))
}

test.each(cases)(
  '$name: its formats and what they should answer',
  async ({ name, base, method: id = 'lora', values }) => {
    const folder = join(out, name)
    await mkdir(join(folder, 'peft'), { recursive: true })
    const small = await openBase(resolve(base))
    const { model } = small
    const method = applyMethod(small, id, values)
    const { read, adapterLogits } = await withSession(small, method, async (session) => {
      await session.train(4)
      const logits = await session.logits()
      return { read: await trainedTensors(session), adapterLogits: logits }
    })
    await exportPeft({ method, read, card, target: folderTarget(join(folder, 'peft')) })

    const probe = probeOf(model)
    const shape = [probe.rows, probe.length]
    const ids = new Uint8Array(BigInt64Array.from(probe.ids, BigInt).buffer)
    const floats = (tensor: string, data: Float32Array): TensorToWrite => ({
      name: tensor,
      dtype: 'F32',
      shape: [...shape, model.config.vocabSize],
      data,
    })
    const merged = method.info.mergeable && (await writeMerged(join(folder, 'merged-hf'), small, method, read))
    await writeTensors(join(folder, 'expected.safetensors'), [
      { name: 'input_ids', dtype: 'I64', shape, data: ids },
      floats('base_logits', await plainLogits(small)),
      floats('adapter_logits', adapterLogits),
      ...(merged ? [floats('merged_logits', merged)] : []),
    ])
    await writeFileAtomic(join(folder, 'case.json'), `${JSON.stringify({ name, base: resolve(base) }, null, 2)}\n`)
  },
)
