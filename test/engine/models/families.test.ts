import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { openCheckpoint, openSafetensors } from '../../../main/engine/checkpoint'
import { findMethod } from '../../../main/engine/methods'
import { defineModel, modelWeights } from '../../../main/engine/models'
import { checkWeights, feedBatch, loadBaseWeights, planEvaluation, type Backend } from '../../../main/engine/plan'
import { collate } from '../../../main/engine/text'
import { folderFiles } from '../../helpers/folder-files'

type Json = Record<string, unknown>

/** Made by test/interop/write_family_fixtures.py, which has the ids too. */
const folders = [
  'gemma3-older-fields',
  'gpt2-hub',
  'gpt2-untied',
  'mistral-window',
  'qwen2-upper-windows',
  'qwen3-wide-heads',
] as const
const ids = [3, 1, 4, 1, 5, 9, 2, 6, 11, 8]
const length = 12

async function openFixture(name: (typeof folders)[number]) {
  const folder = `test/goldens/families/${name}`
  const files = folderFiles(folder)
  const json = JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as Json
  const model = defineModel(json)
  const stored = await openCheckpoint(files)
  const expected = await openSafetensors((await files.open('logits.safetensors'))!)
  return { json, model, stored, weights: modelWeights(model, stored), expected: await expected.readFloat32('logits') }
}

async function logitsOn(backend: Backend, { model, weights }: Awaited<ReturnType<typeof openFixture>>) {
  const method = findMethod('full').apply(model, {})
  const plan = planEvaluation({ model, method, batch: 1, length, maxLength: length, logits: true })
  const executor = await backend.open({ threads: 1 })
  try {
    await executor.prepare([plan])
    await loadBaseWeights(executor, model, weights, length)
    const example = { ids: Int32Array.from(ids), trained: new Uint8Array(ids.length).fill(1) }
    await feedBatch(executor, plan, collate([example], { rows: 1, length }, 0), 1)
    await executor.run(plan, 'logits')
    return (await executor.read('logits')).slice(0, ids.length * model.outputs)
  } finally {
    await executor.dispose()
  }
}

describe.each(folders)('%s', async (name) => {
  const fixture = await openFixture(name)

  it.each([referenceBackend, cpuOnnxBackend])('has the logits that transformers has, on $name', async (backend) => {
    const got = await logitsOn(backend, fixture)
    const worst = fixture.expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0)
    expect(got.length).toBe(fixture.expected.length)
    expect(worst).toBeLessThan(2e-5)
  })

  it('finds all of its weights in the checkpoint, in the shapes of its slots', () => {
    checkWeights(fixture.model, fixture.weights)
    expect(fixture.weights.names).toEqual(fixture.model.weights.map((spec) => spec.name))
  })
})

describe('a checkpoint’s weights as the slots hold them', async () => {
  const { model, stored, weights } = await openFixture('gpt2-hub')
  const name = 'transformer.h.1.mlp.c_fc.weight'

  it('are found without the beginning of their names, and turned where they are stored turned', async () => {
    expect(stored.has(name)).toBe(false)
    expect(stored.info('h.1.mlp.c_fc.weight').shape).toEqual([8, 32])
    expect(weights.info(name)).toEqual({ ...stored.info('h.1.mlp.c_fc.weight'), shape: [32, 8] })
    const [turned, given] = [await weights.readFloat32(name), await stored.readFloat32('h.1.mlp.c_fc.weight')]
    expect(turned[5 * 8 + 3]).toBe(given[3 * 32 + 5])
  })

  it('are the same by rows, by bytes and into an array of one’s own', async () => {
    const whole = await weights.readFloat32(name)
    expect(await weights.readRows(name, 7, 2)).toEqual(whole.slice(7 * 8, 9 * 8))
    expect(new Float32Array((await weights.readBytes(name)).slice().buffer)).toEqual(whole)
    const target = new Float32Array(whole.length)
    expect(await weights.readFloat32(name, target)).toBe(target)
    expect(target).toEqual(whole)
  })

  it('are not turned where bitsandbytes packed them, which turns them first', async () => {
    const whole = await weights.readFloat32(name)
    const packed: typeof stored = {
      ...stored,
      info: (tensor: string) => ({
        ...stored.info(tensor),
        storedAs: 'NF4',
        shape: stored.info(tensor).shape.toReversed(),
      }),
      readFloat32: async () => whole.slice(),
    }
    const view = modelWeights(model, packed)
    expect(view.info(name).shape).toEqual([32, 8])
    expect(await view.readFloat32(name)).toEqual(whole)
  })

  it('leave out the masks that old files hold', () => {
    expect(stored.names).toContain('h.0.attn.bias')
    expect(weights.names).not.toContain('h.0.attn.bias')
    expect(model.weights.map((spec) => spec.name)).toContain('transformer.h.0.attn.c_attn.bias')
  })
})

const gemma: Json = { ...JSON.parse(await readFile('test/goldens/models/gemma3/config.json', 'utf8')) }
const gpt2: Json = { ...JSON.parse(await readFile('test/goldens/models/gpt2/config.json', 'utf8')) }

describe('what the config.json of a family may say', () => {
  const windowsIn = (json: Json): readonly number[] => defineModel(json).config.windows

  it('every sixth layer of a Gemma sees everything, unless a list or another pattern says otherwise', () => {
    const { layer_types: _, ...rest } = { ...gemma, num_hidden_layers: 7, sliding_window: 5 } as Json
    expect(windowsIn(rest)).toEqual([5, 5, 5, 5, 5, 0, 5])
    expect(windowsIn({ ...rest, sliding_window_pattern: 3 })).toEqual([5, 5, 0, 5, 5, 0, 5])
    const types = Array.from({ length: 7 }, (_, i) => (i === 0 ? 'full_attention' : 'sliding_attention'))
    expect(windowsIn({ ...rest, layer_types: types })).toEqual([0, 5, 5, 5, 5, 5, 5])
  })

  it('what it leaves out is what transformers takes', () => {
    const { model_type, hidden_size, intermediate_size, num_attention_heads, num_hidden_layers, vocab_size } = gemma
    const least = { model_type, hidden_size, intermediate_size, num_attention_heads, num_hidden_layers, vocab_size }
    expect(defineModel(least).config).toMatchObject({
      headDim: 256,
      kvHeads: 4,
      tiedHead: true,
      contextLength: 131_072,
    })
    expect(defineModel({ ...least, model_type: 'qwen3', num_attention_heads: 32 }).config).toMatchObject({
      headDim: 128,
      kvHeads: 32,
      tiedHead: false,
    })
    expect(defineModel({ model_type: 'gpt2' }).config).toMatchObject({
      hiddenSize: 768,
      layers: 12,
      heads: 12,
      intermediateSize: 3072,
      vocabSize: 50_257,
      contextLength: 1024,
      tiedHead: true,
    })
  })

  it.each([
    [{ ...gemma, final_logit_softcapping: 30 }, 'unsupported', /caps no logits, got final_logit_softcapping/],
    [{ ...gemma, use_bidirectional_attention: true }, 'unsupported', /got use_bidirectional_attention/],
    [{ ...gemma, model_type: 'gemma3' }, 'unsupported', /model_type: expected gemma3_text.*, got gemma3; .+/],
    [{ ...gemma, layer_types: ['full_attention'] }, 'config-invalid', /layer_types: expected .* each of 3 layers/],
    [{ ...gemma, layer_types: 'full' }, 'config-invalid', /layer_types: expected a list of texts, got "full"/],
    [{ ...gpt2, n_head: 7 }, 'config-invalid', /n_head: expected a divisor of 64, got 7/],
    [{ ...gpt2, add_cross_attention: true }, 'unsupported', /add_cross_attention: expected false, got true/],
    [{ ...gpt2, activation_function: 'gelu' }, 'unsupported', /activation_function: expected one of .*, got gelu/],
  ])('%j is refused by name', (json, code, message) => {
    expect(() => defineModel(json)).toThrow(expect.objectContaining({ code }))
    expect(() => defineModel(json)).toThrow(message)
  })
})
