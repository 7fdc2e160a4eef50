import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../main/engine/backends/cpu-onnx'
import { openSafetensors, writeSafetensors, type TensorToWrite } from '../../main/engine/checkpoint'
import { exportAdapterHub } from '../../main/engine/export'
import { loadAdapter } from '../../main/engine/methods'
import type { ParameterValues } from '../../main/engine/nn'
import { feedBatch, loadBaseWeights, planEvaluation } from '../../main/engine/plan'
import type { ByteSource } from '../../main/engine/tensor'
import { atomicFileSink, writeFileAtomic } from '../../main/files'
import { card, folderTarget } from '../engine/export/targets'
import {
  applyMethod,
  largestDifference,
  openGolden,
  plainLogits,
  probeOf,
  trainedTensors,
  withSession,
} from '../engine/methods/small-session'
import { folderFiles } from '../helpers/folder-files'

const out = process.env['GRAFT_INTEROP_OUT'] ?? ''

const kinds: Readonly<Record<string, ParameterValues>> = {
  houlsby: { kind: 'houlsby', reduction: 8, activation: 'gelu_new' },
  pfeiffer: { kind: 'pfeiffer', scaling: 'learned', leave_out: '0' },
  parallel: { kind: 'parallel', reduction: 4, activation: 'tanh' },
}
const families = ['llama', 'gpt2', 'qwen2', 'qwen3']
const cases = families.flatMap((family) => Object.entries(kinds).map(([kind, values]) => ({ family, kind, values })))

async function writeTensors(path: string, tensors: TensorToWrite[]): Promise<void> {
  const sink = await atomicFileSink(path)
  await writeSafetensors(sink, tensors)
  await sink.commit()
}

// For check_adapters.py check.
test.each(cases)('$family-$kind: a folder and what it should answer', async ({ family, kind, values }) => {
  const folder = join(out, 'ours', `${family}-${kind}`)
  await mkdir(join(folder, 'adapterhub'), { recursive: true })
  const small = await openGolden(family)
  const { model, json: config } = small
  const method = applyMethod(small, 'adapter', values)
  const { read, logits } = await withSession(small, method, async (session) => {
    await session.train(4)
    return { read: await trainedTensors(session), logits: await session.logits() }
  })
  await exportAdapterHub({ method, model, config, read, card, target: folderTarget(join(folder, 'adapterhub')) })
  const probe = probeOf(model)
  const shape = [probe.rows, probe.length]
  const ids = new Uint8Array(BigInt64Array.from(probe.ids, BigInt).buffer)
  const floats = (name: string, data: Float32Array): TensorToWrite => ({
    name,
    dtype: 'F32',
    shape: [...shape, model.config.vocabSize],
    data,
  })
  await writeTensors(join(folder, 'expected.safetensors'), [
    { name: 'input_ids', dtype: 'I64', shape, data: ids },
    floats('base_logits', await plainLogits(small)),
    floats('logits', logits),
  ])
  const base = resolve(`test/goldens/models/${family}`)
  await writeFileAtomic(join(folder, 'case.json'), `${JSON.stringify({ base }, null, 2)}\n`)
})

// What check_adapters.py write left.
describe('adapters by the library', async () => {
  const names = await readdir(join(out, 'theirs')).catch(() => [])
  test('are there: run check_adapters.py write first', () => {
    expect(names).not.toEqual([])
  })

  test.each(names)('%s answers as there', async (name) => {
    const { model, checkpoint } = await openGolden(name.split('-')[0] as string)
    const files = folderFiles(join(out, 'theirs', name))
    const { method, read } = await loadAdapter(files, model)
    const expected = await openSafetensors((await files.open('expected.safetensors')) as ByteSource)
    const ids = await expected.readBytes('input_ids')
    const tokens = Int32Array.from(new BigInt64Array(ids.buffer, ids.byteOffset, ids.byteLength / 8), Number)
    const [batch, length] = expected.info('input_ids').shape as [number, number]
    const plan = planEvaluation({ model, method, batch, length, maxLength: length, logits: true })
    const executor = await cpuOnnxBackend.open({ threads: 1 })
    try {
      await executor.prepare([plan])
      await loadBaseWeights(executor, model, checkpoint, length)
      for (const { name: slot } of method.trainable) await executor.upload(slot, await read(slot))
      const places = tokens.map((_, i) => i % length)
      const filled = { rows: batch, length, ids: tokens, positions: places, last: places }
      const nothing = { labels: new Int32Array(tokens.length).fill(-100), first: new Int32Array(tokens.length) }
      await feedBatch(executor, plan, { ...filled, ...nothing, tokens: tokens.length, trainedTokens: 0 }, 1)
      await executor.run(plan, 'logits')
      const difference = largestDifference(await executor.read('logits'), await expected.readFloat32('logits'))
      process.stdout.write(`${JSON.stringify({ case: name, difference })}\n`)
      expect(difference).toBeLessThan(1e-3)
    } finally {
      await executor.dispose()
    }
  })
})
