import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadTokenizer, type Tokenizer } from '../../../main/engine/text'
import { memoryFiles } from './memory-files'
import { loadStarter, loadVariation } from './starter'

describe('the starter tokenizer', () => {
  let tokenizer: Tokenizer
  beforeAll(async () => {
    tokenizer = await loadStarter()
  })

  it('knows its special tokens', () => {
    expect(tokenizer).toMatchObject({ vocabSize: 4096, bosId: 0, padId: 0, eosIds: [2, 0] })
    expect(tokenizer.namedTokens).toMatchObject({ bos_token: '<|endoftext|>', eos_token: '<|im_end|>' })
    expect(tokenizer.tokenOf(1)).toBe('<|im_start|>')
    expect(tokenizer.idOf('<|im_end|>')).toBe(2)
    expect([0, 1, 2, 3].map(tokenizer.isSpecial)).toEqual([true, true, true, false])
  })

  it('gives any text back', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' })), (text) => {
        const ids = tokenizer.encode(text, { addSpecialTokens: false })
        expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(text)
      }),
    )
  })

  it('does not tidy what a model said', () => {
    const text = "a , b . I 'm  here"
    const ids = tokenizer.encode(text, { addSpecialTokens: false })
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(text)
  })

  it('reads control tokens in a text and can leave them out', () => {
    const ids = tokenizer.encode('<|im_start|>user', { addSpecialTokens: false })
    expect(ids[0]).toBe(1)
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('user')
    expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe('<|im_start|>user')
  })

  it('decodes nothing and unknown ids to nothing', () => {
    expect(tokenizer.decode([], { skipSpecialTokens: false })).toBe('')
    expect(tokenizer.decode([999_999], { skipSpecialTokens: false })).toBe('')
    expect(tokenizer.tokenOf(999_999)).toBeUndefined()
  })
})

describe('special tokens of other models', () => {
  it('reads tokens written as objects, and special_tokens_map.json where the config is silent', async () => {
    const tokenizer = await loadVariation({
      tokens: ['</s>'],
      config: { eos_token: { content: '</s>' } },
      otherFiles: { 'special_tokens_map.json': JSON.stringify({ eos_token: '<|im_end|>', bos_token: '<|im_start|>' }) },
    })
    expect(tokenizer).toMatchObject({ eosIds: [4096], bosId: 1 })
  })

  it('pads with the end token where there is no pad token', async () => {
    const tokenizer = await loadVariation({ config: { eos_token: '<|im_end|>', pad_token: null } })
    expect(tokenizer.padId).toBe(2)
  })

  it("takes the model's ids where no file names the tokens, and skips impossible ones", async () => {
    const tokenizer = await loadVariation({
      otherFiles: {
        'config.json': JSON.stringify({ bos_token_id: null, eos_token_id: [2, 2, 70_000], pad_token_id: -1 }),
      },
    })
    expect(tokenizer).toMatchObject({ bosId: undefined, eosIds: [2], padId: 2 })
  })

  it('adds the start token only on request', async () => {
    const tokenizer = await loadVariation({ config: { bos_token: '<|endoftext|>' }, definition: startTokenProcessor })
    expect(tokenizer.encode('hello', { addSpecialTokens: true })[0]).toBe(0)
    expect(tokenizer.encode('hello', { addSpecialTokens: false })).not.toContain(0)
  })
})

describe('a broken tokenizer', () => {
  it.each([
    ['missing', {}],
    ['no JSON', { 'tokenizer.json': '{"model":' }],
    ['no object', { 'tokenizer.json': '[]' }],
    ['without a model', { 'tokenizer.json': '{"version":"1.0"}' }],
    [
      'with an unknown part',
      { 'tokenizer.json': '{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"decoder":{"type":"?"}}' },
    ],
    [
      'with no token for its text',
      { 'tokenizer.json': '{"model":{"type":"WordPiece","vocab":{"b":0},"unk_token":"u"}}' },
    ],
  ])('that is %s is refused with its own code', async (_, files) => {
    await expect(loadTokenizer(memoryFiles(files))).rejects.toMatchObject({
      name: 'GraftError',
      code: 'tokenizer-invalid',
    })
  })
})

/** Puts token 0 before every text, as Llama's tokenizers do. */
const startTokenProcessor = {
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<|endoftext|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<|endoftext|>': { id: '<|endoftext|>', ids: [0], tokens: ['<|endoftext|>'] } },
  },
}
