import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../main/engine/checkpoint'
import { countParameters, defineModel, modelWeights } from '../../../main/engine/models'
import { folderFiles } from '../../helpers/folder-files'

type Json = Record<string, unknown>

const small: Json = {
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 10,
}
const folderOf = (name: string): string => fileURLToPath(new URL(`../../goldens/models/${name}`, import.meta.url))
const table = (config: Json, part: 'rope.cos' | 'rope.sin', length = 64): Float32Array =>
  defineModel(config)
    .constants(length)
    .find(({ name }) => name === part)!
    .make()

describe('a Llama config', () => {
  it('gets the defaults of its class', () => {
    const { config } = defineModel(small)
    expect(config).toMatchObject({ kvHeads: 4, headDim: 4, normEpsilon: 1e-6, tiedHead: false })
  })

  it.each([
    ['model_type', 'mamba', 'architecture-unknown'],
    ['hidden_act', 'gelu', 'unsupported'],
    ['hidden_size', 'wide', 'config-invalid'],
    ['num_hidden_layers', 0, 'config-invalid'],
    ['num_hidden_layers', 1.5, 'config-invalid'],
    ['rope_scaling', { type: 'yarn', factor: 2 }, 'unsupported'],
    ['rope_scaling', 'long', 'config-invalid'],
  ])('with %s %j is refused by name', (field, value, code) => {
    const attempt = (): unknown => defineModel({ ...small, [field]: value })
    expect(attempt).toThrow(expect.objectContaining({ code }))
    expect(attempt).toThrow(/config\.json: .*expected .*, got /)
  })
})

describe.each(['llama', 'llama-tied-scaled', 'qwen2', 'qwen3', 'gemma3', 'gpt2'])('the weights of %s', (name) => {
  it('are those of its checkpoint, by name and shape', async () => {
    const folder = folderOf(name)
    const model = defineModel(JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as Json)
    const stored = await openCheckpoint(folderFiles(folder))
    const checkpoint = modelWeights(model, stored)
    const listed = model.weights.map(({ name, shape }) => `${name} ${shape.join()}`).sort()
    expect(listed).toEqual(checkpoint.names.map((tensor) => `${tensor} ${checkpoint.info(tensor).shape.join()}`).sort())
    expect(checkpoint.names.toSorted()).toEqual(stored.names.toSorted())
  })
})

it('biases are weights where the config asks for them', () => {
  const plain = countParameters(defineModel(small))
  expect(countParameters(defineModel({ ...small, attention_bias: true }))).toBe(plain + 2 * 4 * 16)
  expect(countParameters(defineModel({ ...small, mlp_bias: true }))).toBe(plain + 2 * (2 * 24 + 16))
})

describe('rotary tables', () => {
  it('turn pair i by position · θ^(−2i/d)', () => {
    const cos = table(small, 'rope.cos')
    for (const [position, i] of [
      [0, 0],
      [3, 0],
      [7, 1],
      [63, 1],
    ] as const)
      expect(cos[position * 2 + i]).toBeCloseTo(Math.cos(position * 10000 ** ((-2 * i) / 4)), 6)
  })

  it('read both spellings of the base frequency', () => {
    const v4 = table({ ...small, rope_theta: 500 }, 'rope.sin')
    const v5 = table({ ...small, rope_parameters: { rope_type: 'default', rope_theta: 500 } }, 'rope.sin')
    expect(v5).toEqual(v4)
    expect(v4).not.toEqual(table(small, 'rope.sin'))
  })

  it('stretch linearly', () => {
    const scaled = table({ ...small, rope_scaling: { type: 'linear', factor: 4 } }, 'rope.sin')
    expect(scaled[8 * 2]).toBeCloseTo(Math.sin(2), 6)
  })

  it('stretch as Llama 3.1 does: short waves stay, long ones are divided, those between are blended', () => {
    const head = { ...small, hidden_size: 32, head_dim: 8 }
    const scaling = { rope_type: 'llama3', factor: 4, low_freq_factor: 1, high_freq_factor: 4 }
    const sin = table({ ...head, rope_scaling: { ...scaling, original_max_position_embeddings: 32 } }, 'rope.sin')
    const frequencies = [1, 0.1, 0.01, 0.001]
    const expected = frequencies.map((frequency) => {
      const wave = (2 * Math.PI) / frequency
      if (wave < 8) return frequency
      if (wave > 32) return frequency / 4
      const blend = (32 / wave - 1) / 3
      return (1 - blend) * (frequency / 4) + blend * frequency
    })
    expected.forEach((frequency, i) => expect(sin[1 * 4 + i]).toBeCloseTo(Math.sin(frequency), 6))
  })
})
