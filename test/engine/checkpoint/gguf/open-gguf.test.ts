import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openCheckpoint, openGgufCheckpoint } from '../../../../main/engine/checkpoint'
import { defineModel } from '../../../../main/engine/models'
import { decodeF16, encodeF16, memorySource } from '../../../../main/engine/tensor'
import { folderFiles } from '../../../helpers/folder-files'
import { ggufOfFolder, permuted } from '../../../helpers/gguf-model'
import { ggufBytes, type GgufParts, type TensorPart } from '../../../helpers/write-gguf'
import { smallFile, smallMetadata } from './small-file'

const folderOf = (name: string): string => fileURLToPath(new URL(`../../../goldens/models/${name}`, import.meta.url))
const open = (bytes: Uint8Array) => openGgufCheckpoint(memorySource('m.gguf', bytes))
const openSmall = (parts: GgufParts = {}) => open(smallFile(parts))
const floats = (values: ArrayLike<number>): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
const tables = (config: Readonly<Record<string, unknown>>): Float32Array[] =>
  defineModel(config)
    .constants(200)
    .map(({ make }) => make())

/** Llama 3's divisors by the formula of its config, as llama.cpp writes them. */
function divisorsOf(rope: Record<string, number>, headDim: number): Float32Array {
  const { factor = 1, low_freq_factor: low = 1, high_freq_factor: high = 4 } = rope
  const context = rope['original_max_position_embeddings'] ?? 8192
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * rope['rope_theta']! ** ((2 * i) / headDim)
    if (wavelength < context / high) return 1
    if (wavelength > context / low) return factor
    const smooth = (context / wavelength - low) / (high - low)
    return 1 / ((1 - smooth) / factor + smooth)
  })
}
const ropeTensor = (divisors: ArrayLike<number>): TensorPart => ({
  name: 'rope_freqs.weight',
  shape: [divisors.length],
  type: 0,
  data: floats(divisors),
})

describe.each(['llama', 'llama-tied-scaled'])('the golden model %s as a GGUF file', async (name) => {
  const folder = folderOf(name)
  const config = JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as Record<string, unknown>
  const rope = config['rope_parameters'] as Record<string, number> | undefined
  const headDim = Number(config['head_dim'] ?? Number(config['hidden_size']) / Number(config['num_attention_heads']))
  const scaled = rope?.['factor'] !== undefined
  const tensors = scaled ? [ropeTensor(divisorsOf(rope, headDim))] : []
  const gguf = await open(await ggufOfFolder(folder, { tensors }))
  const original = await openCheckpoint(folderFiles(folder))

  it('has the weights of its folder, bit for bit', async () => {
    expect(gguf.names.toSorted()).toEqual(original.names.toSorted())
    for (const tensor of original.names) {
      expect(gguf.info(tensor).shape).toEqual(original.info(tensor).shape)
      expect(await gguf.readFloat32(tensor), tensor).toEqual(await original.readFloat32(tensor))
    }
  })

  it('has the config of its folder', () => {
    const { rotations: _, ...expected } = defineModel(config).config
    expect(defineModel(gguf.config).config).toMatchObject(expected)
  })

  it('turns queries and keys by the same angles', () => {
    const expected = tables(config)
    for (const [part, table] of tables(gguf.config).entries())
      expect(table.every((value, i) => Math.abs(value - expected[part]![i]!) < 1e-4)).toBe(true)
  })
})

describe('rows of queries and keys', () => {
  it('come back in Hugging Face’s order, for matrices and biases', async () => {
    const sizes = fc.record({ heads: fc.integer({ min: 1, max: 5 }), pairs: fc.integer({ min: 1, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 6 }), async ({ heads, pairs }, width) => {
        const rows = heads * pairs * 2
        const values = Float32Array.from({ length: rows * width }, (_, i) => i)
        const bias = values.subarray(0, rows)
        const metadata = {
          'llama.attention.head_count': ['u32', heads] as const,
          'llama.attention.head_count_kv': ['u32', heads] as const,
        }
        const tensor = (name: string, shape: number[], data: Float32Array): TensorPart => ({
          name: `blk.0.${name}`,
          shape,
          type: 0,
          data: floats(permuted(data, rows, heads)),
        })
        const file = await openSmall({
          metadata,
          tensors: [
            tensor('attn_q.weight', [rows, width], values),
            tensor('attn_k.weight', [rows, width], values),
            tensor('attn_q.bias', [rows], bias),
          ],
        })
        const at = 'model.layers.0.self_attn'
        expect(await file.readFloat32(`${at}.q_proj.weight`)).toEqual(values)
        expect(await file.readFloat32(`${at}.k_proj.weight`)).toEqual(values)
        expect(await file.readFloat32(`${at}.q_proj.bias`)).toEqual(bias.slice())
        expect(await file.readRows(`${at}.q_proj.weight`, rows - 1, 1)).toEqual(values.slice(-width))
      }),
      { numRuns: 50 },
    )
  })

  it('that no head divides are refused', async () => {
    const tensors = [{ name: 'blk.0.attn_q.weight', shape: [6, 8], type: 0, data: floats(new Float32Array(48)) }]
    await expect(openSmall({ tensors })).rejects.toMatchObject({ code: 'checkpoint-mismatch' })
  })

  it('use the number of query heads where the file names no other', async () => {
    const metadata = Object.fromEntries(Object.entries(smallMetadata).filter(([key]) => !key.endsWith('_kv')))
    const values = Float32Array.from({ length: 8 }, (_, i) => i)
    const tensors = [{ name: 'blk.0.attn_k.bias', shape: [8], type: 0, data: floats(permuted(values, 8, 2)) }]
    const file = await open(ggufBytes({ metadata, tensors }))
    expect(await file.readFloat32('model.layers.0.self_attn.k_proj.bias')).toEqual(values)
    expect(file.config['num_key_value_heads']).toBe(2)
  })
})

describe('the config of a GGUF file', () => {
  it('is written as people wrote it, not as float32 rounded it', async () => {
    const { config } = await openSmall({ metadata: { 'llama.rope.freq_base': ['f32', 500_000] } })
    expect(config).toMatchObject({ rms_norm_eps: 1e-5, rope_parameters: { rope_theta: 500_000 } })
  })

  it('reads ties, biases, head size, window and tokens', async () => {
    const head = { name: 'output.weight', shape: [3, 8], type: 0, data: floats(new Float32Array(24)) }
    const bias = { name: 'blk.0.attn_q.bias', shape: [12], type: 0, data: floats(new Float32Array(12)) }
    const { config } = await openSmall({
      tensors: [head, bias],
      metadata: {
        'llama.attention.key_length': ['u32', 6],
        'llama.attention.sliding_window': ['u32', 16],
        'tokenizer.ggml.eos_token_id': ['u32', 2],
      },
    })
    expect(config).toMatchObject({
      tie_word_embeddings: false,
      attention_bias: true,
      mlp_bias: false,
      head_dim: 6,
      sliding_window: 16,
      eos_token_id: 2,
      vocab_size: 3,
    })
    expect(config).not.toHaveProperty('bos_token_id')
    expect((await openSmall()).config).toMatchObject({ tie_word_embeddings: true, attention_bias: false, head_dim: 4 })
  })

  const ropeOf = async (metadata: GgufParts['metadata'], divisors?: number[]): Promise<unknown> =>
    (await openSmall({ metadata: metadata ?? {}, ...(divisors && { tensors: [ropeTensor(divisors)] }) })).config[
      'rope_parameters'
    ]

  it.each([
    ['nothing', {}, { rope_type: 'default', rope_theta: 10_000 }],
    ['a linear scaling', linear(4), { rope_type: 'linear', factor: 4 }],
    ['the older key', { 'llama.rope.scale_linear': ['f32', 2] }, { rope_type: 'linear', factor: 2 }],
    [
      'a scaling switched off',
      { ...linear(4), 'llama.rope.scaling.type': ['string', 'none'] },
      { rope_type: 'default' },
    ],
    ['another scaling', { ...linear(4), 'llama.rope.scaling.type': ['string', 'yarn'] }, { rope_type: 'yarn' }],
  ] as const)('says of the rotation: %s', async (_, metadata, expected) => {
    expect(await ropeOf(metadata)).toMatchObject(expected)
  })

  it('keeps divisors that are nobody’s formula, and multiplies a linear scaling in', async () => {
    expect(await ropeOf({}, [1, 3])).toEqual({ rope_type: 'factors', rope_theta: 10_000, factors: [1, 3] })
    expect(await ropeOf(linear(2), [1, 3])).toMatchObject({ rope_type: 'factors', factors: [2, 6] })
    expect(await ropeOf({}, [1, 1])).toEqual({ rope_type: 'default', rope_theta: 10_000 })
    await expect(ropeOf({}, [1, 2, 3])).rejects.toThrow(/rope_freqs\.weight: expected 2 divisors, got 3/)
  })

  it('knows Llama 3’s scaling by its divisors', async () => {
    const rope = { rope_theta: 500_000, factor: 32 }
    const metadata = {
      'llama.embedding_length': ['u32', 128],
      'llama.rope.freq_base': ['f32', 500_000],
    } as const
    expect(await ropeOf(metadata, [...divisorsOf(rope, 64)])).toEqual({
      rope_type: 'llama3',
      ...rope,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    })
  })
})

function linear(factor: number) {
  return { 'llama.rope.scaling.type': ['string', 'linear'], 'llama.rope.scaling.factor': ['f32', factor] } as const
}

describe('reading', () => {
  it('takes version 2 and any alignment', async () => {
    const file = await openSmall({ version: 2, alignment: 256, metadata: { 'general.alignment': ['u32', 256] } })
    expect([...(await file.readFloat32('model.layers.0.input_layernorm.weight'))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('gives every type of metadata', async () => {
    const { ggufMetadata } = await openSmall({
      metadata: {
        ...{ a: ['u8', 255], b: ['i8', -128], c: ['u16', 65535], d: ['i16', -5], e: ['u32', 2 ** 32 - 1] },
        ...{ f: ['i32', -7], g: ['f32', 0.5], h: ['bool', 1], i: ['string', 'né'], j: ['u64', 2 ** 40] },
        ...{ k: ['i64', -(2 ** 40)], l: ['f64', 0.1], m: ['list', 'string', ['x', '']], n: ['list', 'f32', [1, 2]] },
        ...{ o: ['list', 'u64', [3]], p: ['list', 'bool', [0, 1]], q: ['lists', [[1], []]] },
      },
    })
    const found = [...'abcdefghijkl'].map((key) => ggufMetadata.get(key))
    expect(found).toEqual([255, -128, 65535, -5, 2 ** 32 - 1, -7, 0.5, true, 'né', 2 ** 40, -(2 ** 40), 0.1])
    expect(ggufMetadata.get('m')).toEqual(['x', ''])
    expect(ggufMetadata.get('n')).toEqual(Float32Array.of(1, 2))
    expect(ggufMetadata.get('o')).toEqual(Float64Array.of(3))
    expect(ggufMetadata.get('p')).toEqual([false, true])
    expect(ggufMetadata.get('q')).toEqual([Int32Array.of(1), new Int32Array(0)])
  })

  it('fills a given target, and refuses one of another size', async () => {
    const file = await openSmall()
    const target = new Float32Array(8)
    expect(await file.readFloat32('model.layers.0.input_layernorm.weight', target)).toBe(target)
    expect(target[7]).toBe(8)
    const wrong = file.readFloat32('model.embed_tokens.weight', target)
    await expect(wrong).rejects.toMatchObject({ code: 'shape-mismatch' })
    await expect(file.readRows('model.embed_tokens.weight', 2, 2)).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(file.readFloat32('lm_head.weight')).rejects.toMatchObject({ code: 'checkpoint-mismatch' })
    expect([file.has('lm_head.weight'), file.has('rope_freqs.weight'), file.has('blk.0.attn_norm.weight')]).toEqual([
      false,
      false,
      false,
    ])
  })

  it('gives the bytes that another file would store: quantised values as half precision', async () => {
    const data = Uint8Array.from({ length: 34 }, (_, i) => [0, 0x3c][i] ?? i)
    const quantised = { name: 'blk.0.ffn_up.weight', shape: [1, 32], type: 8, data }
    const file = await openSmall({ tensors: [quantised] })
    const name = 'model.layers.0.mlp.up_proj.weight'
    expect(file.info(name)).toEqual({ dtype: 'F16', storedAs: 'Q8_0', shape: [1, 32] })
    const bytes = await file.readBytes(name)
    const values = await file.readFloat32(name)
    expect([...new Uint16Array(bytes.buffer)]).toEqual([...encodeF16(values)])
    expect(decodeF16(new Uint16Array(bytes.buffer))).toEqual(values)
  })
})
