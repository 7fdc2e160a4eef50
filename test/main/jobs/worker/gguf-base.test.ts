import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../../main/engine/checkpoint'
import { resultOf } from '../../../../main/jobs'
import type { ModelRef, RunView } from '../../../../preload/contract'
import { folderFiles } from '../../../helpers/folder-files'
import { writeGgufModel } from '../../../helpers/gguf-model'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
let folder: ModelRef & { kind: 'folder' }
let gguf: ModelRef & { kind: 'folder' }
beforeAll(async () => {
  studio = await tinyStudio()
  folder = studio.spec({}).model as typeof folder
  const path = join(studio.install.root, 'tiny.Q.gguf')
  gguf = { kind: 'folder', path: await writeGgufModel(path, folder.path) }
})
afterAll(() => studio.close())

async function trainOn(model: ModelRef, training: object): Promise<RunView> {
  const id = await studio.jobs.createAndStart({ ...studio.spec(training), model })
  await collect(studio.jobs.events(id, 0))
  return studio.jobs.view(id)
}

describe('a run on a GGUF file', () => {
  it('is the run on the folder that it was made of, to the last bit of the adapter', async () => {
    const [a, b] = [await trainOn(folder, { steps: 3 }), await trainOn(gguf, { steps: 3 })]
    expect([a.state, b.state]).toEqual(['done', 'done'])
    const [ofFolder, ofFile] = await Promise.all(
      [a.id, b.id].map((id) => studio.exported(id, 'peft', 'adapter_model.safetensors')),
    )
    expect(ofFile?.equals(ofFolder ?? Buffer.of())).toBe(true)
  })

  it('exports an adapter that says which file it belongs to', async () => {
    const { id } = await trainOn(gguf, { steps: 1 })
    const { usage } = await studio.jobs.export(id, 'peft')
    expect(usage).toContain('gguf_file="tiny.Q.gguf"')
    const card = (await studio.exported(id, 'peft', 'README.md')).toString()
    expect(card).toContain('An adapter for Tiny, trained with LoRA')
    expect(card).toContain('gguf_file="tiny.Q.gguf"')
    expect(card).not.toContain(dirname(gguf.path))
  })

  it('exports a whole model as a folder, with tokenizer and licence, that answers', async () => {
    const { id } = await trainOn(gguf, { steps: 1 })
    const { path, files } = await studio.jobs.export(id, 'merged-hf')
    expect(files.map(({ name }) => name).toSorted()).toEqual(
      ['README.md', 'certificate.json', 'config.json', 'generation_config.json', 'model.safetensors'].concat([
        'tokenizer.json',
        'tokenizer_config.json',
      ]),
    )
    expect((await studio.exported(id, 'merged-hf', 'README.md')).toString()).toContain('license: mit')
    const [merged, base] = [await openCheckpoint(folderFiles(path)), await openCheckpoint(folderFiles(folder.path))]
    expect(merged.names.toSorted()).toEqual(base.names.toSorted())
    const payload = { model: { kind: 'folder', path }, prompt: 'Hello', sampling: { maxNewTokens: 4 } }
    const { text } = await resultOf(studio.queue.startJob({ kind: 'sample', payload }))
    expect(text).toEqual(expect.any(String))
  })
})

/** SmolLM2-135M-Instruct, where this machine has it (98 MB that are no part of the sources): a row for each file. */
const real = [process.env['GRAFT_SMOLLM2'] ?? ''].filter((path) => existsSync(path))

it.each(real)('%s answers what it knows', async (path) => {
  const payload = {
    model: { kind: 'folder', path },
    prompt: 'What is the capital of France?',
    sampling: { maxNewTokens: 12, temperature: 0 },
  }
  const { text } = await resultOf(studio.queue.startJob({ kind: 'sample', payload }))
  expect(text).toContain('Paris')
})
