import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { openSafetensors, type TensorToWrite } from '../../../../main/engine/checkpoint'
import { loadAdapter, type LoadedAdapter } from '../../../../main/engine/methods'
import { memorySource } from '../../../../main/engine/tensor'
import { f32, folderOf, writtenBytes } from '../../checkpoint/files'
import { openGolden, type SmallModel } from '../small-session'

const folder = 'test/goldens/llama-lora/adapter_final'
let small: SmallModel
let config: Record<string, unknown>
let weights: Uint8Array

beforeAll(async () => {
  small = await openGolden('llama')
  config = JSON.parse(await readFile(`${folder}/adapter_config.json`, 'utf8'))
  weights = await readFile(`${folder}/adapter_model.safetensors`)
})

function load(changes: Record<string, unknown>, bytes = weights): Promise<LoadedAdapter> {
  const text = JSON.stringify({ ...config, ...changes })
  return loadAdapter(folderOf({ 'adapter_config.json': text, 'adapter_model.safetensors': bytes }), small.model)
}

/** The golden weights, changed. */
async function rewritten(change: (tensors: TensorToWrite[]) => TensorToWrite[]): Promise<Uint8Array> {
  const file = await openSafetensors(memorySource('weights', weights))
  const tensors = file.names.map((name) => ({ name, ...file.info(name), data: () => file.readBytes(name) }))
  return writtenBytes(change(tensors))
}

test('hyper-parameters and values are those of the files', async () => {
  const { values, method, read, tensors } = await load({ lora_dropout: 0.1, use_rslora: true })
  expect(values).toMatchObject({ r: 8, alpha: 16, dropout: 0.1, rslora: true })
  expect(method.info.id).toBe('lora')
  const file = await openSafetensors(memorySource('weights', weights))
  expect(tensors).toHaveLength(28)
  const slot = 'model.layers.1.mlp.up_proj.lora_B.weight'
  expect(await read(slot)).toEqual(await file.readFloat32(`base_model.model.${slot}`))
})

test("a copy of the base's own weights is passed over", async () => {
  const copy = f32('base_model.model.model.embed_tokens.base_layer.weight', [2], [1, 2])
  const { tensors } = await load({}, await rewritten((tensors) => [...tensors, copy]))
  expect(tensors).toHaveLength(28)
})

describe('variants whose mathematics differ are refused by name', () => {
  test.each([
    ['lora_bias', true],
    ['bias', 'all'],
    ['modules_to_save', ['lm_head']],
    ['exclude_modules', '.*mlp.*'],
    ['layer_replication', [[0, 2]]],
    ['target_parameters', ['mlp.experts']],
    ['trainable_token_indices', [5]],
    ['alora_invocation_tokens', [5]],
    ['use_qalora', true],
    ['init_lora_weights', 'pissa_niter_4'],
  ])('%s', async (name, value) => {
    const attempt = load({ [name]: value })
    await expect(attempt).rejects.toMatchObject({ code: 'unsupported', details: { fields: [name] } })
    await expect(attempt).rejects.toThrow(name)
  })

  test.each(['IA3', null, 7])('peft_type %j', async (type) => {
    const attempt = load({ peft_type: type })
    await expect(attempt).rejects.toMatchObject({ code: 'unsupported' })
    await expect(attempt).rejects.toThrow(/peft_type: expected .*LoRA/)
  })
})

describe('files that do not belong together', () => {
  test('a tensor that is missing', async () => {
    const bytes = await rewritten((tensors) => tensors.slice(1))
    await expect(load({}, bytes)).rejects.toMatchObject({ code: 'checkpoint-mismatch' })
  })

  test('a tensor more than the method has', async () => {
    const name = 'base_model.model.lm_head.weight'
    const bytes = await rewritten((tensors) => [...tensors, f32(name, [1], [0])])
    await expect(load({}, bytes)).rejects.toMatchObject({ code: 'checkpoint-mismatch', details: { tensor: name } })
  })

  test('another rank than the config says', async () => {
    await expect(load({ r: 4 })).rejects.toThrow(/lora_A.weight: expected shape \[4, 64\], got \[8, 64\]/)
  })

  test('a target that the model lacks', async () => {
    await expect(load({ target_modules: ['c_attn'] })).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})

describe('folders that are not an adapter', () => {
  test.each([
    ['no config', {}, 'checkpoint-missing', 'adapter_config.json'],
    ['a config that is no object', { 'adapter_config.json': '[]' }, 'config-invalid', 'JSON object'],
    ['a torn config', { 'adapter_config.json': '{"r":' }, 'config-invalid', 'JSON object'],
    ['no weights', { 'adapter_config.json': '{"peft_type":"LORA"}' }, 'checkpoint-missing', 'got none'],
    [
      'pickled weights only',
      { 'adapter_config.json': '{"peft_type":"LORA"}', 'adapter_model.bin': 'x' },
      'checkpoint-missing',
      'only adapter_model.bin, which can run code',
    ],
  ])('%s', async (_, files, code, words) => {
    const attempt = loadAdapter(folderOf(files), small.model)
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
  })
})
