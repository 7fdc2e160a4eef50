import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inspectModel, listMethods, resolveModelDir } from '../../../main/models'
import { readReadme } from '../../../main/models/read-readme'
import { modelCardSchema, type ModelCard } from '../../../preload/contract'

const root = resolve(import.meta.dirname, '../../..')
const starterDir = join(root, 'resources/starter')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-models-'))
  await cp(join(root, 'test/goldens/models/llama'), folder, { recursive: true })
  await writeFile(join(folder, 'tokenizer.json'), '{}')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function inspect(): Promise<ModelCard> {
  const card = await inspectModel({ kind: 'folder', path: folder }, { starterDir })
  return modelCardSchema.parse(card)
}

describe('inspectModel', () => {
  it('reads the starter', async () => {
    const card = await inspectModel({ kind: 'starter' }, { starterDir })
    expect(card).toMatchObject({
      name: 'Graft Studio starter model (11M)',
      family: 'llama',
      parameters: 11_015_040,
      layers: 6,
      hiddenSize: 384,
      contextLength: 1024,
      licence: 'apache-2.0',
      hasChatTemplate: true,
    })
    expect(card.broken).toBeUndefined()
    expect(card.bytes).toBeGreaterThan(2 * 11_015_040)
  })

  it('reads a folder without README and chat template', async () => {
    const card = await inspect()
    expect(card.broken).toBeUndefined()
    expect(card).toMatchObject({ family: 'llama', hasChatTemplate: false })
    expect(card.licence).toBeUndefined()
    expect(card.parameters).toBeGreaterThan(0)
  })

  it.each([
    ['qwen2', 'qwen2', 128],
    ['qwen3', 'qwen3', 128],
    ['gemma3', 'gemma3', 128],
    ['gpt2', 'gpt2', 128],
  ])('reads a %s', async (name, family, contextLength) => {
    await cp(join(root, 'test/goldens/models', name), folder, { recursive: true })
    const card = await inspect()
    expect(card.broken).toBeUndefined()
    expect(card).toMatchObject({ family, contextLength, hiddenSize: 64, weightType: 'F32' })
  })

  it('finds a chat template inside the tokenizer’s config', async () => {
    await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: '{{ messages }}' }))
    expect((await inspect()).hasChatTemplate).toBe(true)
  })
})

describe('a model that cannot be used says why', () => {
  const editConfig = async (change: Record<string, unknown>): Promise<void> => {
    const path = join(folder, 'config.json')
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }))
  }

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['no such folder', () => rm(folder, { recursive: true }), 'model-missing', /no such folder/],
    ['no config', () => rm(join(folder, 'config.json')), 'model-missing', /a folder without one/],
    ['no JSON', () => writeFile(join(folder, 'config.json'), '{"a":'), 'config-invalid', /config\.json: expected JSON/],
    ['an empty config', () => writeFile(join(folder, 'config.json'), '{}'), 'architecture-unknown', /model_type/],
    ['a model that also sees', () => editConfig({ model_type: 'gemma3' }), 'unsupported', /expected gemma3_text/],
    ['no tokenizer', () => rm(join(folder, 'tokenizer.json')), 'model-missing', /tokenizer\.json/],
    ['no weights', () => rm(join(folder, 'model.safetensors')), 'checkpoint-missing', /model\.safetensors/],
    ['cut weights', () => truncate(join(folder, 'model.safetensors'), 4), 'checkpoint-header', /damaged/],
  ])('%s', async (_name, damage, code, message) => {
    await damage()
    const { broken } = await inspect()
    expect(broken?.code).toBe(code)
    expect(broken?.message).toMatch(message)
  })

  it('an unknown architecture is named', async () => {
    await editConfig({ model_type: 'mamba' })
    const { broken } = await inspect()
    expect(broken?.code).toBe('architecture-unknown')
    expect(broken?.message).toContain('mamba')
  })

  it('a tensor that disagrees with the config is named', async () => {
    await editConfig({ intermediate_size: 7 })
    expect((await inspect()).broken).toMatchObject({
      code: 'checkpoint-mismatch',
      details: { tensor: 'model.layers.0.mlp.gate_proj.weight' },
    })
  })

  it('a tensor that is not there is named', async () => {
    await editConfig({ num_hidden_layers: 99 })
    const { broken } = await inspect()
    expect(broken?.code).toBe('checkpoint-mismatch')
    expect(broken?.message).toMatch(/got none/)
  })

  it('what could be read before the fault is still on the card', async () => {
    await rm(join(folder, 'model.safetensors'))
    expect(await inspect()).toMatchObject({ family: 'llama', bytes: 0 })
  })
})

describe('resolveModelDir', () => {
  it('knows the starter and makes folders absolute', () => {
    expect(resolveModelDir({ kind: 'starter' }, { starterDir: '/s' })).toBe('/s')
    expect(resolveModelDir({ kind: 'folder', path: 'm' }, { starterDir: '/s' })).toBe(resolve('m'))
  })
})

describe('listMethods', () => {
  it('gives what the engine declares, as the contract has it', () => {
    const ids = listMethods().map((info) => info.id)
    expect(ids).toEqual(expect.arrayContaining(['lora', 'full']))
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('readReadme', () => {
  it('reads title and licence, and nothing where there is nothing', () => {
    expect(readReadme('---\nlicense: "mit"\ntags:\n- a\n---\n\n# A model  \ntext')).toEqual({
      title: 'A model',
      licence: 'mit',
    })
    expect(readReadme('plain text')).toEqual({})
    expect(readReadme('---\r\nlicense: mit\r\n---\r\n# T')).toEqual({ title: 'T', licence: 'mit' })
  })
})
