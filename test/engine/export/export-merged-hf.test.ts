import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exportMergedHf, type MergedExport } from '../../../main/engine/export'
import { loadAdapter } from '../../../main/engine/methods'
import type { AppliedMethod, ReadTensor } from '../../../main/engine/nn'
import { folderFileSource } from '../../../main/files'
import { folderFiles } from '../../helpers/folder-files'
import {
  applyMethod,
  goldenFolder,
  largestDifference,
  openGolden,
  openModel,
  plainLogits,
  trainedTensors,
  withSession,
  type SmallModel,
} from '../methods/small-session'
import { card, folderTarget, fullDiskTarget, memoryTarget, type Fault } from './targets'

type Options = Partial<MergedExport>

function input(small: SmallModel, method: AppliedMethod, read: ReadTensor, options: Options = {}): MergedExport {
  const { model, checkpoint, json, files } = small
  const base = { model, checkpoint, config: json, files, method, read, dtype: 'base', stopIds: [], card } as const
  return { ...base, target: memoryTarget(), ...options }
}

const zeros: ReadTensor = async () => new Float32Array(0)

async function trained(
  small: SmallModel,
  id: string,
): Promise<{ read: ReadTensor; logits: Float32Array; method: AppliedMethod }> {
  const method = applyMethod(small, id)
  return withSession(small, method, async (session) => {
    await session.train(3)
    return { method, read: await trainedTensors(session), logits: await session.logits() }
  })
}

describe.each([
  ['untied', 'llama', 'llama-lora', 'lm_head.weight'],
  ['tied', 'llama-tied-scaled', 'llama-tied-scaled-lora-qv', undefined],
])('an %s golden model with the LoRA adapter of PEFT', (_, base, adapter, head) => {
  test('answers the same when merged', async () => {
    const small = await openGolden(base)
    const { method, read } = await loadAdapter(goldenFolder(`${adapter}/adapter_final`), small.model)
    const expected = await withSession(small, method, async (session) => {
      for (const { name } of method.trainable) await session.executor.upload(name, await read(name))
      return session.logits()
    })
    const target = memoryTarget()
    await exportMergedHf(input(small, method, read, { target }))

    const merged = await openModel(target.source())
    expect(merged.checkpoint.has('lm_head.weight')).toBe(head !== undefined)
    expect(largestDifference(await plainLogits(merged), expected)).toBeLessThan(1e-4)
    expect(largestDifference(await plainLogits(small), expected)).toBeGreaterThan(1e-2)
  })
})

test('full fine-tuning exports its own weights', async () => {
  const small = await openGolden('llama-tied-scaled')
  const { method, read, logits } = await trained(small, 'full')
  const target = memoryTarget()
  await exportMergedHf(input(small, method, read, { target }))
  expect(largestDifference(await plainLogits(await openModel(target.source())), logits)).toBe(0)
})

describe('the starter model, float16', () => {
  const starter = folderFiles('resources/starter')

  test('stays float16, loads again and comes with its tokenizer', async () => {
    const small = await openModel(starter)
    const { method, read, logits } = await trained(small, 'lora')
    const target = memoryTarget()
    const progress: number[] = []
    const written = await exportMergedHf(
      input(small, method, read, { target, stopIds: [2, 9], onProgress: (done, total) => progress.push(done / total) }),
    )

    const merged = await openModel(target.source())
    expect(merged.checkpoint.names.map((name) => merged.checkpoint.info(name).dtype)).toEqual(
      small.model.weights.map(() => 'F16'),
    )
    // What the method does not touch is copied bit by bit.
    const norm = 'model.layers.0.input_layernorm.weight'
    expect(await merged.checkpoint.readBytes(norm)).toEqual(await small.checkpoint.readBytes(norm))
    const spread = largestDifference(await plainLogits(small), logits)
    expect(largestDifference(await plainLogits(merged), logits)).toBeLessThan(spread / 20)

    expect(written.map(({ name }) => name)).toEqual([
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'chat_template.jinja',
      'generation_config.json',
      'README.md',
      'config.json',
    ])
    const template = await starter.open('chat_template.jinja')
    expect(target.files['chat_template.jinja']?.byteLength).toBe(template?.size)
    expect(JSON.parse(target.text('generation_config.json'))).toMatchObject({
      eos_token_id: [2, 0, 9],
      pad_token_id: 0,
    })
    expect(JSON.parse(target.text('config.json'))).toEqual({ ...small.json, dtype: 'float16', torch_dtype: 'float16' })
    expect(progress[0]).toBe(0)
    expect(progress).toHaveLength(small.model.weights.length)
  })

  test('can be widened, and refuses a type that its weights do not fit in', async () => {
    const small = await openModel(starter)
    const method = applyMethod(small, 'lora', { targets: 'model.layers.0.mlp.down_proj', r: 1, alpha: 1 })
    const read: ReadTensor = async (name) => new Float32Array(name.includes('lora_A') ? 1024 : 384).fill(300)
    const target = memoryTarget()
    const narrow = exportMergedHf(input(small, method, read, { target }))
    await expect(narrow).rejects.toMatchObject({ code: 'export-failed', details: { dtype: 'F16' } })
    expect(target.files).toEqual({})

    await exportMergedHf(input(small, method, read, { target, dtype: 'BF16' }))
    const { checkpoint, json } = await openModel(target.source())
    expect(new Set(checkpoint.names.map((name) => checkpoint.info(name).dtype))).toEqual(new Set(['BF16']))
    expect(json).toMatchObject({ dtype: 'bfloat16', torch_dtype: 'bfloat16' })
  })
})

describe('config files', () => {
  const exported = async (config: object, generation?: object) => {
    const small = await openGolden('llama-tied-scaled')
    const target = memoryTarget()
    const files = generation
      ? { open: async (name: string) => (name === 'generation_config.json' ? bytesOf(name, generation) : undefined) }
      : small.files
    const method = applyMethod(small, 'full')
    const read: ReadTensor = (name) => small.checkpoint.readFloat32(name)
    await exportMergedHf(
      input(small, method, read, { target, files, config: { ...small.json, ...config }, stopIds: [7] }),
    )
    const parse = (name: string): Record<string, unknown> => JSON.parse(target.text(name))
    return {
      small,
      config: parse('config.json'),
      generation: parse('generation_config.json'),
      card: target.text('README.md'),
    }
  }
  const bytesOf = (name: string, value: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value))
    return {
      name,
      size: bytes.length,
      read: async (at: number, to: Uint8Array) => to.set(bytes.subarray(at, at + to.length)),
    }
  }

  test('drop the origin, and say rotary scaling in the words of both transformers versions', async () => {
    const { small, config } = await exported({ _name_or_path: '/home/me/base', quantization_config: { bits: 4 } })
    const { rope_theta, ...scaling } = small.json['rope_parameters'] as Record<string, unknown>
    expect(config).toEqual({
      ...small.json,
      rope_theta,
      rope_scaling: scaling,
      dtype: 'float32',
      torch_dtype: 'float32',
    })
  })

  test('say the rotations of each kind of layer in both words too', async () => {
    const full = { rope_type: 'linear', rope_theta: 1e6, factor: 8 }
    const sliding = { rope_type: 'default', rope_theta: 1e4 }
    const { config } = await exported({ rope_parameters: { full_attention: full, sliding_attention: sliding } })
    expect(config).toMatchObject({
      rope_parameters: { full_attention: full, sliding_attention: sliding },
      rope_theta: 1e6,
      rope_scaling: { rope_type: 'linear', factor: 8 },
      rope_local_base_freq: 1e4,
    })
  })

  test('refuse a rotary scaling that no config.json can say', async () => {
    const small = await openGolden('llama')
    const { config } = small.model
    const factors = Array.from({ length: config.headDim / 2 }, (_, i) => 1 + i)
    const scaling = { type: 'factors', factors } as const
    const model = { ...small.model, config: { ...config, rotations: { rope: { theta: 1e4, scaling } } } }
    const target = memoryTarget()
    const attempt = exportMergedHf(input({ ...small, model }, applyMethod(small, 'lora'), zeros, { target }))
    await expect(attempt).rejects.toMatchObject({ code: 'export-failed' })
    await expect(attempt).rejects.toThrow(/divisors of its own.*export the adapter instead/)
    expect(target.files).toEqual({})
  })

  test('leave the older rotary words as they are', async () => {
    const { config } = await exported({ rope_parameters: undefined, rope_theta: 5e5, rope_scaling: null })
    expect(config).toMatchObject({ rope_theta: 5e5, rope_scaling: null })
    expect(config).not.toHaveProperty('rope_parameters')
  })

  test.each([
    ['none: from config.json', undefined, { bos_token_id: 1, eos_token_id: [2, 7], pad_token_id: 0 }],
    ['one id', { eos_token_id: 3, temperature: 0.6 }, { eos_token_id: [3, 7], temperature: 0.6 }],
    ['the same id', { eos_token_id: 7 }, { eos_token_id: 7 }],
    ['a list', { eos_token_id: [4, 7] }, { eos_token_id: [4, 7] }],
    ['no end of its own', { top_p: 0.9 }, { eos_token_id: [2, 7], top_p: 0.9 }],
  ])('generation ends at the chat terminator too; before: %s', async (_, before, after) => {
    expect((await exported({}, before)).generation).toEqual(after)
  })

  test('the card says what the base is and under which licence', async () => {
    const { card } = await exported({})
    expect(card).toMatch(/^---\nbase_model: someone\/tiny-llama\nlibrary_name: transformers\nlicense: apache-2.0\n/)
    expect(card).toContain('AutoModelForCausalLM.from_pretrained(folder)')
  })
})

describe('on disk', () => {
  let folder: string
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'graft-export-'))))
  afterEach(() => rm(folder, { recursive: true }))

  // Bytes: 81,920 for each vocabulary table, 184,832 for each of two layers, no tensor split: six files of at most 100,000.
  test('a small limit makes shards and an index that load again', async () => {
    const small = await openGolden('llama')
    const { method, read, logits } = await trained(small, 'lora')
    await exportMergedHf(input(small, method, read, { target: folderTarget(folder), maxShardBytes: 100_000 }))
    const names = await readdir(folder)
    expect(names.filter((name) => /^model-0000\d-of-00006\.safetensors$/.test(name))).toHaveLength(6)
    expect(names).toContain('model.safetensors.index.json')
    const files = folderFileSource(folder)
    const merged = await openModel(files)
    expect(merged.checkpoint.files).toHaveLength(6)
    expect(largestDifference(await plainLogits(merged), logits)).toBeLessThan(1e-4)
    await files.close()
  })

  // 2 shards, index, generation config, card, config.
  const faults = [0, 1, 2, 3, 4, 5].flatMap((index) =>
    (['create', 'write', 'commit'] as const).map((fault): [number, Fault] => [index, fault]),
  )
  test.each(faults)('a disk that is full at file %i, %s, is left empty', async (index, fault) => {
    const small = await openGolden('llama')
    const method = applyMethod(small, 'full')
    const target = fullDiskTarget(folder, index, fault)
    const read: ReadTensor = (name) => small.checkpoint.readFloat32(name)
    const attempt = exportMergedHf(input(small, method, read, { target, maxShardBytes: 400_000 }))
    await expect(attempt).rejects.toThrow('no space left')
    expect(await readdir(folder)).toEqual([])
  })

  test('a cancelled export leaves nothing', async () => {
    const small = await openGolden('llama')
    const onProgress = (done: number): void => {
      if (done === 5) throw new Error('cancelled')
    }
    const read: ReadTensor = (name) => small.checkpoint.readFloat32(name)
    const options = { target: folderTarget(folder), onProgress }
    await expect(exportMergedHf(input(small, applyMethod(small, 'full'), read, options))).rejects.toThrow('cancelled')
    expect(await readdir(folder)).toEqual([])
  })
})

test('a method that cannot be merged is refused, and so are weights of another model', async () => {
  const small = await openGolden('llama')
  const lora = applyMethod(small, 'lora')
  const adapterOnly = { ...lora, info: { ...lora.info, exports: ['peft'] as const } }
  await expect(exportMergedHf(input(small, adapterOnly, zeros))).rejects.toMatchObject({
    code: 'export-failed',
    details: { format: 'merged-hf', possible: ['peft'] },
  })
  const { checkpoint } = await openGolden('llama-tied-scaled')
  await expect(exportMergedHf(input(small, lora, zeros, { checkpoint }))).rejects.toMatchObject({
    code: 'checkpoint-mismatch',
  })
})
