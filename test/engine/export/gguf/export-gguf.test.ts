import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openGgufCheckpoint } from '../../../../main/engine/checkpoint'
import { exportGguf } from '../../../../main/engine/export'
import type { ReadTensor } from '../../../../main/engine/nn'
import { memorySource } from '../../../../main/engine/tensor'
import { loadTokenizer } from '../../../../main/engine/text'
import { folderFiles } from '../../../helpers/folder-files'
import { tinyFamilies, writeTinyModel } from '../../../helpers/tiny-model'
import {
  applyMethod,
  largestDifference,
  openModel,
  plainLogits,
  trainedTensors,
  withSession,
  type SmallModel,
} from '../../methods/small-session'
import { ggufInput, openGgufModel } from './open-export'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'graft-gguf-'))))
afterAll(() => rm(folder, { recursive: true }))

/** Models whose files differ: each has its own way through names, permutation and rotary scaling. */
const llama3 = { rope_type: 'llama3', rope_theta: 500_000, factor: 8, low_freq_factor: 1, high_freq_factor: 4 }
const variants = {
  tied: {},
  'untied with biases': { tie_word_embeddings: false, attention_bias: true, mlp_bias: true },
  'scaled as Llama 3': { rope_parameters: { ...llama3, original_max_position_embeddings: 64 } },
  'scaled linearly': { rope_parameters: { rope_type: 'linear', rope_theta: 10_000, factor: 4 }, head_dim: 32 },
  ...tinyFamilies,
} as const

const open = async (name: keyof typeof variants): Promise<SmallModel> =>
  openModel(folderFiles(await writeTinyModel(join(folder, name), { config: variants[name] })))

async function trained(small: SmallModel, id = 'lora') {
  const method = applyMethod(small, id)
  return withSession(small, method, async (session) => {
    await session.train(2)
    return { method, read: await trainedTensors(session), logits: await session.logits() }
  })
}

describe.each(Object.keys(variants) as (keyof typeof variants)[])('a model that is %s', (name) => {
  it('is the same model, with the method folded in', async () => {
    const small = await open(name)
    const { method, read, logits } = await trained(small)
    const input = await ggufInput(small, method, read, 'F32')
    const [, file] = await exportGguf(input)
    expect(file?.name).toBe('pirate-answers.F32.gguf')
    const back = await openGgufModel(input.target.files['pirate-answers.F32.gguf']!)
    const { rotations: _rotations, ...config } = small.model.config
    expect(back.model.config).toMatchObject(config)
    expect(largestDifference(await plainLogits(back), logits)).toBeLessThan(2e-5)
    expect(largestDifference(await plainLogits(small), logits)).toBeGreaterThan(1e-2)
  })
})

describe('types', () => {
  it.each([
    ['F16', 2e-3],
    ['BF16', 2e-2],
    ['Q8_0', 0.1],
    ['Q4_0', 1.5],
  ] as const)('%s rounds the matrices, and nothing else', async (type, limit) => {
    const small = await open('tied')
    const { method, read, logits } = await trained(small, 'full')
    const input = await ggufInput(small, method, read, type)
    await exportGguf(input)
    const back = await openGgufModel(Object.values(input.target.files).at(-1)!)
    expect(largestDifference(await plainLogits(back), logits)).toBeLessThan(limit)
    const stored = (name: string) => back.checkpoint.info(name)
    expect(stored('model.layers.0.mlp.up_proj.weight')).toMatchObject({ storedAs: type })
    expect(stored('model.norm.weight')).toMatchObject({ storedAs: 'F32' })
    expect(stored('model.embed_tokens.weight')).toMatchObject({ storedAs: type === 'Q4_0' ? 'Q8_0' : type })
    expect(back.checkpoint.ggufMetadata.get('general.quantization_version')).toBe(type.startsWith('Q') ? 2 : undefined)
  })

  it('of blocks leave matrices alone whose rows are no multiple of a block', async () => {
    const small = await openModel(
      folderFiles(await writeTinyModel(join(folder, 'narrow'), { config: { intermediate_size: 80 } })),
    )
    const input = await ggufInput(
      small,
      applyMethod(small, 'full'),
      (name) => small.checkpoint.readFloat32(name),
      'Q8_0',
    )
    await exportGguf(input)
    const { checkpoint } = await openGgufModel(Object.values(input.target.files).at(-1)!)
    expect(checkpoint.info('model.layers.0.mlp.down_proj.weight')).toMatchObject({ storedAs: 'F16' })
    expect(checkpoint.info('model.layers.0.mlp.up_proj.weight')).toMatchObject({ storedAs: 'Q8_0' })
  })
})

describe('what the file says', () => {
  it('reads texts as the base does, chat template included', async () => {
    const small = await open('tied')
    const input = await ggufInput(small, applyMethod(small, 'lora'), zeros(small), 'F16')
    await exportGguf(input)
    const back = await openGgufModel(Object.values(input.target.files).at(-1)!)
    const tokenizer = await loadTokenizer(back.files)
    const text = input.probes[0]!
    const options = { addSpecialTokens: false }
    expect(tokenizer.encode(text, options)).toEqual(input.tokenizer.encode(text, options))
    expect(tokenizer.eosIds).toEqual(input.tokenizer.eosIds)
    expect(back.checkpoint.ggufMetadata.get('tokenizer.chat_template')).toBe(input.template.source)
    expect(back.checkpoint.ggufMetadata.get('general.name')).toBe('Pirate | answers')
    expect(back.checkpoint.ggufMetadata.get('general.base_model.0.repo_url')).toBe(
      'https://huggingface.co/someone/tiny-llama',
    )
  })

  it('is taken over where the base is a GGUF file, byte for byte', async () => {
    const small = await open('scaled as Llama 3')
    const first = await ggufInput(small, applyMethod(small, 'full'), (n) => small.checkpoint.readFloat32(n), 'F32')
    await exportGguf(first)
    const base = await openGgufModel(Object.values(first.target.files).at(-1)!)
    const again = await ggufInput(base, applyMethod(base, 'lora'), zeros(base), 'F32')
    await exportGguf({ ...again, card: { ...again.card, title: 'Second' } })
    const copy = await openGgufCheckpoint(memorySource('c.gguf', again.target.files['second.F32.gguf']!))
    const keys = [...base.checkpoint.ggufMetadata.keys()].filter((key) => /^(tokenizer|llama)\./.test(key))
    expect(keys.length).toBeGreaterThan(15)
    for (const key of keys) expect(await copy.readMetadata(key)).toEqual(await base.checkpoint.readMetadata(key))
    expect(copy.ggufMetadata.get('general.name')).toBe('Second')
    expect(copy.config).toMatchObject({ rope_parameters: { rope_type: 'factors' } })
    // An untrained method changes nothing: the same numbers, twice permuted.
    for (const { name } of small.model.weights)
      expect(await copy.readFloat32(name)).toEqual(await small.checkpoint.readFloat32(name))
  })
})

/** A method as it begins: B is zero. */
const zeros =
  (small: SmallModel): ReadTensor =>
  async (name) => {
    const shape = applyMethod(small, 'lora').trainable.find((tensor) => tensor.name === name)?.shape ?? []
    return new Float32Array(shape.reduce((product, size) => product * size, 1))
  }

test('a family that the format has no names for is refused, and leaves nothing', async () => {
  const small = await open('tied')
  const input = await ggufInput(small, applyMethod(small, 'full'), zeros(small), 'F16')
  const attempt = exportGguf({ ...input, config: { ...small.json, model_type: 'other' } })
  await expect(attempt).rejects.toMatchObject({ code: 'export-failed', details: { found: 'other' } })
  expect(input.target.files).toEqual({})
})
