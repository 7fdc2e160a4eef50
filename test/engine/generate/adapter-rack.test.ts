import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createAdapterRack,
  createGenerator,
  type GenerationSettings,
  type Generator,
} from '../../../main/engine/generate'
import { findMethod, loadAdapter, withOwnSlots } from '../../../main/engine/methods'
import type { ModelDefinition } from '../../../main/engine/nn'
import { planDecode, type Executor } from '../../../main/engine/plan'
import type { Tokenizer } from '../../../main/engine/text'
import { folderFiles } from '../../helpers/folder-files'
import { loadStarter } from '../text/starter'
import { openModel, randomIds } from './open-model'

const base = 'test/goldens/models/llama'
const CONTEXT = 96
const settings: GenerationSettings = {
  maxNewTokens: 12,
  temperature: 0,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  stop: [],
  seed: 0,
}
const prompt = randomIds(20, 320, 5)

// Two of one kind, whose tensors have equal names, and others that hook into the model elsewhere.
const folders = [
  'llama-lora/adapter_init',
  'llama-rslora/adapter_final',
  'llama-dora/adapter_final',
  'llama-adapter-houlsby/adapter_init',
  'llama-adapter-pfeiffer/adapter_init',
  'llama-prefix/adapter_init',
  'llama-prompt/adapter_init',
].map((name) => `test/goldens/${name}`)

const load = (folder: string, model: ModelDefinition) => loadAdapter(folderFiles(folder), model)

/** What an executor was asked to do besides running. */
interface Tally {
  readonly uploads: string[]
  prepared: number
}

function counted(executor: Executor, tally: Tally): Executor {
  return {
    ...executor,
    prepare: (plans, onProgress) => {
      tally.prepared += plans.length
      return executor.prepare(plans, onProgress)
    },
    upload: (slot, data) => {
      tally.uploads.push(slot)
      return executor.upload(slot, data)
    },
    run: (...args) => executor.run(...args),
    read: (slot) => executor.read(slot),
    dispose: () => executor.dispose(),
  }
}

const idsOf = async (generator: Generator): Promise<readonly number[]> =>
  (await generator.generate(prompt, settings)).ids

describe('a rack of adapters on one model', () => {
  const tally: Tally = { uploads: [], prepared: 0 }
  let tokenizer: Tokenizer
  let executor: Executor
  let model: ModelDefinition
  let generators: Generator[]

  beforeAll(async () => {
    tokenizer = await loadStarter()
    const opened = await openModel(base, CONTEXT)
    model = opened.model
    executor = counted(opened.executor, tally)
    const answer = { promptTokens: prompt.length, newTokens: settings.maxNewTokens }
    const options = { model, executor, tokenizer, maxLength: CONTEXT }
    const rack = createAdapterRack({ ...options, answer })
    const plain = createGenerator({ ...options, method: opened.method })
    await plain.prepare(answer.promptTokens, answer.newTokens)
    generators = [plain]
    for (const folder of folders) generators.push(await rack.add({ name: folder, ...(await load(folder, model)) }))
  })
  afterAll(() => executor.dispose())

  /** The adapter by itself, on a model of its own. */
  async function alone(folder: string): Promise<readonly number[]> {
    const opened = await openModel(base, CONTEXT)
    try {
      const { method, read } = await load(folder, opened.model)
      for (const { name } of method.trainable) await opened.executor.upload(name, await read(name))
      return await idsOf(createGenerator({ ...opened, method, tokenizer }))
    } finally {
      await opened.executor.dispose()
    }
  }

  it('answers with each as that one does by itself, in any order', async () => {
    const expected = [await idsOf(generators[0] as Generator), ...(await Promise.all(folders.map(alone)))]
    expect(new Set(expected.map((ids) => ids.join(' '))).size).toBe(expected.length)
    for (const order of [
      [6, 0, 3, 7, 1, 5, 2, 4],
      [1, 2, 1, 0, 6, 4],
    ])
      for (const i of order) expect(await idsOf(generators[i] as Generator)).toEqual(expected[i])
  })

  it('switches without uploading a weight or compiling a plan', async () => {
    tally.uploads.length = 0
    tally.prepared = 0
    for (const generator of [...generators, ...generators.toReversed()]) await idsOf(generator)
    expect(tally.prepared).toBe(0)
    expect(tally.uploads.length).toBeGreaterThan(0)
    expect(tally.uploads.filter((slot) => !slot.startsWith('batch.'))).toEqual([])
  })

  it('refuses what would answer for the others too', async () => {
    const answer = { promptTokens: 4, newTokens: 4 }
    const rack = createAdapterRack({ model, executor, tokenizer, maxLength: CONTEXT, answer })
    const read = async (): Promise<Float32Array> => new Float32Array()
    const full = { name: 'my run', method: findMethod('full').apply(model, {}), read }
    await expect(rack.add(full)).rejects.toMatchObject({ code: 'unsupported', details: { name: 'my run' } })
    const quantised = { name: 'other', method: findMethod('qlora').apply(model, {}), read }
    await expect(rack.add(quantised)).rejects.toThrow(/kept in 4 bits .*let it answer alone/)
  })

  it('names tensors apart and leaves graphs equal, so that like adapters share what is compiled', async () => {
    const { method } = await load(folders[3] as string, model)
    const [first, second] = ['rack.0.', 'rack.1.'].map((prefix) => withOwnSlots(method, prefix))
    const plan = (own: typeof method) => planDecode({ model, method: own, maxLength: CONTEXT, tokens: 1, capacity: 64 })
    const [a, b] = [plan(first as typeof method), plan(second as typeof method)]
    expect([...b.segments.keys()]).toEqual([...a.segments.keys()])
    const slots = (of: typeof a) =>
      [...of.slots.values()].filter(({ role }) => role === 'trainable').map(({ name }) => name)
    expect(slots(a)).toHaveLength(method.trainable.length)
    expect(slots(a).filter((name) => slots(b).includes(name))).toEqual([])
  })
})
