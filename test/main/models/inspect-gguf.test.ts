import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineModel } from '../../../main/engine/models'
import { loadTokenizer } from '../../../main/engine/text'
import { inspectModel, openBaseModel } from '../../../main/models'
import { modelCardSchema, type ModelCard } from '../../../preload/contract'
import { writeGgufModel } from '../../helpers/gguf-model'
import { writeTinyModel } from '../../helpers/tiny-model'

let folder: string
let whole: Buffer
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-gguf-'))
  whole = await readFile(await writeGgufModel(join(folder, 'whole.gguf'), await writeTinyModel(join(folder, 'tiny'))))
})
beforeEach(async () => {
  path = join(folder, 'Model.Q4_1.GGUF')
  await writeFile(path, whole)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const inspect = async (at = path): Promise<ModelCard> =>
  modelCardSchema.parse(await inspectModel({ kind: 'folder', path: at }, { starterDir: folder }))

/** Writes other bytes of the same length over a text of the header. */
const overwrite = (from: string, to: string): Promise<void> =>
  writeFile(path, Buffer.from(whole.toString('latin1').replace(from, to), 'latin1'))

describe('the card of a GGUF file', () => {
  it('says what the file says of its model', async () => {
    const card = await inspect()
    expect(card.broken).toBeUndefined()
    expect(card).toMatchObject({
      name: 'Tiny',
      licence: 'mit',
      family: 'llama',
      layers: 2,
      hiddenSize: 32,
      contextLength: 256,
      bytes: whole.length,
      format: 'gguf',
      weightType: 'F32',
      hasChatTemplate: true,
    })
    expect(card.parameters).toBe((await inspect(join(folder, 'tiny'))).parameters)
  })

  it('has the file’s name where the model has none', async () => {
    await overwrite('general.name', 'general.nama')
    expect((await inspect()).name).toBe('Model.Q4_1')
  })

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['no file', () => rm(path), 'model-missing', /or a \.gguf file, got no such folder/],
    ['a cut file', () => truncate(path, 100), 'checkpoint-header', /damaged/],
    ['an empty file', () => truncate(path, 0), 'checkpoint-header', /got 0 bytes/],
    ['another kind of file', () => writeFile(path, 'text'), 'checkpoint-header', /starts with "GGUF"/],
    ['another tokenizer', () => overwrite('gpt2', 'bert'), 'tokenizer-invalid', /got "bert"/],
    ['a lost weight', () => overwrite('blk.1.ffn_down', 'blk.1.ffn_dowm'), 'checkpoint-mismatch', /down_proj/],
  ])('says what is wrong with %s', async (_, damage, code, message) => {
    await damage()
    const { broken, name } = await inspect()
    expect(broken?.code).toBe(code)
    expect(broken?.message).toMatch(message)
    expect(name).not.toBe('')
  })

  it('of a folder with such a name is a folder’s', async () => {
    const named = join(folder, 'folder.gguf')
    await mkdir(named, { recursive: true })
    expect((await inspect(named)).broken?.message).toMatch(/a folder with config\.json, or a \.gguf file/)
  })
})

describe('a GGUF file as a folder', () => {
  it('has the files that a tokenizer is loaded from', async () => {
    const model = await openBaseModel(path)
    try {
      expect(model).toMatchObject({ name: 'Tiny', ggufFile: 'Model.Q4_1.GGUF' })
      const tokenizer = await loadTokenizer(model.files)
      expect(tokenizer.vocabSize).toBe(4096)
      expect(await model.files.open('README.md')).toBeUndefined()
      expect((await model.weights(defineModel(await model.config()))).files).toEqual([path])
    } finally {
      await model.close()
    }
  })
})
