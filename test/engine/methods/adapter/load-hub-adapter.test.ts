import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { openSafetensors, type TensorToWrite } from '../../../../main/engine/checkpoint'
import { loadAdapter, type LoadedAdapter } from '../../../../main/engine/methods'
import { memorySource } from '../../../../main/engine/tensor'
import { f32, folderOf, writtenBytes } from '../../checkpoint/files'
import { openGolden, type SmallModel } from '../small-session'

const folder = 'test/goldens/llama-adapter-houlsby/adapter_init'
let small: SmallModel
let config: string
let weights: Uint8Array

beforeAll(async () => {
  small = await openGolden('llama')
  config = await readFile(`${folder}/adapter_config.json`, 'utf8')
  weights = await readFile(`${folder}/adapter.safetensors`)
})

const load = (files: Record<string, string | Uint8Array>): Promise<LoadedAdapter> =>
  loadAdapter(folderOf({ 'adapter_config.json': config, ...files }), small.model)

/** The golden weights under other names, or more or fewer of them. */
async function rewritten(rename: (name: string) => string, extra: TensorToWrite[] = []): Promise<Uint8Array> {
  const file = await openSafetensors(memorySource('weights', weights))
  const tensors = file.names.map((name) => ({
    ...file.info(name),
    name: rename(name),
    data: () => file.readBytes(name),
  }))
  return writtenBytes([...tensors, ...extra])
}

const slot = 'model.layers.1.output_adapters.adapter_up.bias'
const stored = 'model.layers.1.output_adapters.adapters.graft.adapter_up.bias'

async function expectGolden(adapter: LoadedAdapter): Promise<void> {
  const file = await openSafetensors(memorySource('weights', weights))
  expect(await adapter.read(slot)).toEqual(await file.readFloat32(stored))
}

test('the adapter may be called as its owner likes', async () => {
  await expectGolden(
    await load({ 'adapter.safetensors': await rewritten((name) => name.replace('.graft.', '.my-task.')) }),
  )
})

test('it may have been saved from a bare model, whose tensors lack the prefix', async () => {
  await expectGolden(await load({ 'adapter.safetensors': await rewritten((name) => name.replace(/^model\./, '')) }))
})

test('what else lies in the folder is passed over', async () => {
  const head = { 'head_config.json': '{}', 'model_head.safetensors': 'x', 'adapter_interface.json': '{}' }
  await expectGolden(await load({ 'adapter.safetensors': weights, ...head }))
})

describe('refused', () => {
  test('weights as a pickle, with how to get them otherwise', async () => {
    const attempt = load({ 'pytorch_adapter.bin': 'x' })
    await expect(attempt).rejects.toMatchObject({ code: 'checkpoint-missing' })
    await expect(attempt).rejects.toThrow('only pytorch_adapter.bin, which can run code')
    await expect(attempt).rejects.toThrow('use_safetensors=True')
  })

  test('several adapters in one file', async () => {
    const other = f32(
      stored.replace('graft', 'second'),
      [64],
      Array.from({ length: 64 }, () => 0),
    )
    const attempt = load({ 'adapter.safetensors': await rewritten((name) => name, [other]) })
    await expect(attempt).rejects.toThrow('expected one adapter, got graft, second')
  })

  test('a tensor that no plain bottleneck has', async () => {
    const gate = f32('model.layers.0.output_adapters.adapters.graft.gate.bias', [1], [0])
    const attempt = load({ 'adapter.safetensors': await rewritten((name) => name, [gate]) })
    await expect(attempt).rejects.toMatchObject({ code: 'checkpoint-mismatch', details: { tensor: gate.name } })
  })

  test('another model', async () => {
    const wider = JSON.parse(config) as { config: Record<string, unknown> }
    wider.config['reduction_factor'] = 16
    const attempt = load({ 'adapter_config.json': JSON.stringify(wider), 'adapter.safetensors': weights })
    await expect(attempt).rejects.toThrow(/expected shape \[4, 64\], got \[8, 64\]/)
  })

  test.each([
    ['a folder of neither library', { 'adapter_config.json': '{"r": 8}' }, 'got neither peft_type nor config'],
    ['the folder of a whole model', { 'config.json': '{}' }, 'open it as a base model'],
    ['an empty folder', {}, 'choose the folder that PEFT, AdapterHub or Graft wrote'],
  ])('%s', async (_, files, words) => {
    await expect(loadAdapter(folderOf(files), small.model)).rejects.toThrow(words)
  })
})
