import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGenerator, type GenerationSettings, type Generator } from '../../../main/engine/generate'
import { argmax } from '../../../main/engine/generate/sampler'
import { encodeChat, loadChatTemplate, type ChatTemplate, type Tokenizer } from '../../../main/engine/text'
import { loadStarter, starterFiles, starterFolder } from '../text/starter'
import { createRecomputation, openModel, randomIds, type OpenedModel } from './open-model'

const CONTEXT = 256
const greedy: GenerationSettings = {
  maxNewTokens: 60,
  temperature: 0,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1.1,
  stop: [],
  seed: 0,
}

let opened: OpenedModel
let tokenizer: Tokenizer
let template: ChatTemplate
let generator: Generator
let lake: readonly number[]

beforeAll(async () => {
  tokenizer = await loadStarter()
  template = await loadChatTemplate(starterFiles, tokenizer)
  opened = await openModel(starterFolder, CONTEXT)
  generator = createGenerator({ ...opened, tokenizer })
  const message = { role: 'user', content: 'Describe a lake in simple words.' } as const
  lake = encodeChat(tokenizer, template, [message]).ids
})
afterAll(() => opened.executor.dispose())

describe('the starter model', () => {
  it('describes a lake in English words', async () => {
    const { text, ids, reason } = await generator.generate(lake, greedy)
    expect(text).toMatch(/\b(lake|water|ocean|underwater)\b/i)
    expect(text).toMatch(/^[A-Z][\x20-\x7e\n]{80,}$/)
    expect(['stop-token', 'length']).toContain(reason)
    expect(ids.length).toBeLessThanOrEqual(greedy.maxNewTokens)
    expect(text).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
  })

  it.each([1, 1.3])('says what computing anew for every token says, penalty %d', async (penalty) => {
    const recompute = await createRecomputation(opened)
    const { ids } = await generator.generate(lake, { ...greedy, repetitionPenalty: penalty, maxNewTokens: 16 })
    const logits = await recompute([...lake, ...ids])
    const likeliest = ids.map((_, i) => {
      const said = [...lake, ...ids.slice(0, i)]
      const scores = [...logits[lake.length - 1 + i]!]
      return argmax(
        scores.map((score, id) => (said.includes(id) ? (score > 0 ? score / penalty : score * penalty) : score)),
      )
    })
    expect(ids).toHaveLength(16)
    expect(ids).toEqual(likeliest)
  })

  it('ends where the model ends its answer, without the end token', async () => {
    const { ids, reason } = await generator.generate(lake, { ...greedy, maxNewTokens: 200 })
    expect(reason).toBe('stop-token')
    expect(ids.some((id) => tokenizer.eosIds.includes(id))).toBe(false)
  })
})

describe('the seed', () => {
  const warm = { ...greedy, temperature: 0.9, topK: 50, topP: 0.95, maxNewTokens: 24 }

  it('decides the text', async () => {
    const first = await generator.generate(lake, { ...warm, seed: 1 })
    expect(await generator.generate(lake, { ...warm, seed: 1 })).toEqual(first)
    expect((await generator.generate(lake, { ...warm, seed: 2 })).text).not.toBe(first.text)
  })

  it('means nothing at temperature 0', async () => {
    const first = await generator.generate(lake, { ...greedy, maxNewTokens: 24, seed: 1 })
    expect(await generator.generate(lake, { ...greedy, maxNewTokens: 24, seed: 2 })).toEqual(first)
  })
})

describe('streaming', () => {
  it('gives pieces that join to the text', async () => {
    const pieces: string[] = []
    const { text } = await generator.generate(lake, greedy, (piece) => pieces.push(piece))
    expect(pieces.length).toBeGreaterThan(10)
    expect(pieces).not.toContain('')
    expect(pieces.join('')).toBe(text)
  })

  it('never gives half a character', async () => {
    // The starter says hardly anything but ASCII: here every id stands for the first or the second byte of ж.
    const bytes = tokenizer.encode('ж', { addSpecialTokens: false })
    expect(bytes).toHaveLength(2)
    const decode: Tokenizer['decode'] = (ids, options) =>
      tokenizer.decode(
        ids.map((id) => bytes[id % 2]!),
        options,
      )
    const accented = { ...tokenizer, decode, isSpecial: () => false, eosIds: [] }
    const pieces: string[] = []
    const hot = { ...greedy, temperature: 5, maxNewTokens: 40 }
    const { text, ids } = await createGenerator({ ...opened, tokenizer: accented }).generate(lake, hot, (piece) =>
      pieces.push(piece),
    )
    expect(text).toContain('ж')
    expect(pieces.join('')).toBe(text)
    expect(text).toBe(decode(ids, { skipSpecialTokens: true }))
  })
})

describe('stop strings', () => {
  it('end the text in the middle of tokens and are never shown', async () => {
    const { text: whole, ids } = await generator.generate(lake, greedy)
    const pieces = ids.map((id) => tokenizer.decode([id], { skipSpecialTokens: true }))
    // From the last letter of one token to the first two of the next but one.
    const at = pieces.findIndex((piece, i) => i > 8 && piece.length > 1 && (pieces[i + 2]?.length ?? 0) > 2)
    const before = pieces.slice(0, at).join('')
    const stop = pieces[at]!.slice(-1) + pieces[at + 1]! + pieces[at + 2]!.slice(0, 2)
    expect(whole.indexOf(stop)).toBe(before.length + pieces[at]!.length - 1)
    const shown: string[] = []
    const result = await generator.generate(lake, { ...greedy, stop: ['never said', stop] }, (p) => shown.push(p))
    expect(result.reason).toBe('stop-string')
    expect(result.text).toBe(whole.slice(0, whole.indexOf(stop)))
    expect(result.ids).toEqual(ids.slice(0, at + 3))
    expect(shown.join('')).toBe(result.text)
  })

  it('that only begin are shown in the end', async () => {
    const short = { ...greedy, maxNewTokens: 10 }
    const { text } = await generator.generate(lake, short)
    const result = await generator.generate(lake, { ...short, stop: [`${text.slice(-3)} and never this`] })
    expect(result).toMatchObject({ text, reason: 'length' })
  })
})

describe('room', () => {
  const noEnd = { ...greedy, temperature: 5, seed: 1 }
  const promptOf = (length: number): number[] => randomIds(length, 4096, 9).map((id) => Math.max(id, 10))

  it('is what the context leaves', async () => {
    const { ids, reason } = await generator.generate(promptOf(CONTEXT - 5), noEnd)
    expect({ said: ids.length, reason }).toEqual({ said: 5, reason: 'context' })
  })

  it('is what was asked for', async () => {
    const { ids, reason } = await generator.generate(promptOf(CONTEXT - 5), { ...noEnd, maxNewTokens: 5 })
    expect({ said: ids.length, reason }).toEqual({ said: 5, reason: 'length' })
  })

  it.each([0, CONTEXT, CONTEXT + 50])('is missing behind a prompt of %i tokens', async (length) => {
    const expected = { code: 'generation-failed', message: expect.stringContaining(`got ${length}`) }
    await expect(generator.generate(promptOf(length), greedy)).rejects.toMatchObject(expected)
  })

  it('must be asked for', async () => {
    const answer = generator.generate(lake, { ...greedy, maxNewTokens: 0 })
    await expect(answer).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})

describe('an abort', () => {
  it('ends with what was said so far', async () => {
    let breaths = 0
    const breathe = async () => void breaths++
    const patient = createGenerator({ ...opened, tokenizer, breathe, isAborted: () => breaths === 6 })
    const { ids, reason, text } = await patient.generate(lake, greedy)
    expect(reason).toBe('aborted')
    expect(ids).toHaveLength(6 - Math.ceil(lake.length / 32))
    expect(text).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
  })

  it('ends while a long prompt is taken in', async () => {
    const prompt = randomIds(200, 4096, 1)
    const aborted = createGenerator({ ...opened, tokenizer, isAborted: () => true })
    expect(await aborted.generate(prompt, greedy)).toEqual({ text: '', ids: [], reason: 'aborted' })
  })
})
