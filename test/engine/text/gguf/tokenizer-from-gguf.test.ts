import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGgufCheckpoint } from '../../../../main/engine/checkpoint'
import { memorySource } from '../../../../main/engine/tensor'
import {
  ggufTokenizerFiles,
  jsonFiles,
  loadChatTemplate,
  loadTokenizer,
  tokenizerFromGguf,
  type Tokenizer,
} from '../../../../main/engine/text'
import { folderFiles } from '../../../helpers/folder-files'
import { starterVocabulary, type Metadata } from '../../../helpers/gguf-model'
import { smallFile } from '../../checkpoint/gguf/small-file'

type Parsed = ReadonlyMap<string, unknown>
/** Through a file, as the reader gives it. */
const parsed = async (metadata: Metadata): Promise<Parsed> =>
  (await openGgufCheckpoint(memorySource('m.gguf', smallFile({ metadata })))).ggufMetadata
const tokenizerOf = async (metadata: Metadata): Promise<Tokenizer> => tokenizerFromGguf(await parsed(metadata))
const plain = { addSpecialTokens: false }
const framed = { addSpecialTokens: true }
const all = { skipSpecialTokens: false }

describe('a byte-level vocabulary', async () => {
  const vocabulary = starterVocabulary()
  const original = await loadTokenizer(folderFiles('resources/starter'))
  const tokenizer = await tokenizerOf(vocabulary)

  it('has the special tokens of its folder', () => {
    const { vocabSize, bosId, padId, namedTokens } = original
    expect(tokenizer).toMatchObject({ vocabSize, bosId, eosIds: [2], padId, namedTokens })
    expect(tokenizer.isSpecial(1)).toBe(true)
    expect(tokenizer.isSpecial(5)).toBe(false)
  })

  it('encodes any text as its folder does, and gives it back', () => {
    const marks = fc.constantFrom('<|im_start|>', '  ', '\n\n', ' 42', "'ll", 'é', '🌱', ' the', 'Ġ')
    const text = fc.array(fc.oneof(marks, fc.string({ unit: 'grapheme' }))).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (sample) => {
        const ids = tokenizer.encode(sample, framed)
        expect(ids).toEqual(original.encode(sample, framed))
        expect(tokenizer.decode(ids, all)).toBe(original.decode(ids, all))
      }),
      { numRuns: 300 },
    )
    expect(tokenizer.decode(tokenizer.encode('Naïve 你好 <|im_end|>!', plain), all)).toBe('Naïve 你好 <|im_end|>!')
  })

  it('brings its chat template', async () => {
    const files = jsonFiles(ggufTokenizerFiles(await parsed(vocabulary)))
    const template = await loadChatTemplate(files, tokenizer)
    expect(template.origin).toBe('tokenizer_config.json')
    const said = template.render([{ role: 'user', content: 'Hi' }], { addGenerationPrompt: true })
    expect(said).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n')
  })

  it('puts a start and an end around texts where the file says so', async () => {
    const around = await tokenizerOf({
      ...vocabulary,
      'tokenizer.ggml.add_bos_token': ['bool', 1],
      'tokenizer.ggml.add_eos_token': ['bool', 1],
    })
    expect(around.encode('a', framed)).toEqual([0, ...original.encode('a', plain), 2])
    expect(around.encode('a', plain)).toEqual(original.encode('a', plain))
  })

  it('stops at the end of a turn as well as at the end of the text', async () => {
    const { eosIds } = await tokenizerOf({ ...vocabulary, 'tokenizer.ggml.eot_token_id': ['u32', 7] })
    expect(eosIds).toEqual([2, 7])
  })

  it('ignores ids that no token has', async () => {
    const none = ['u32', 2 ** 32 - 1] as const
    const without = await tokenizerOf({
      ...vocabulary,
      'tokenizer.ggml.bos_token_id': none,
      'tokenizer.ggml.add_bos_token': ['bool', 1],
    })
    expect(without.bosId).toBeUndefined()
    expect(without.encode('a', framed)).toEqual(original.encode('a', plain))
  })

  it('knows its named tokens as special where an old file has no types', async () => {
    const old = Object.fromEntries(Object.entries(vocabulary).filter(([key]) => !key.endsWith('token_type')))
    const { encode, isSpecial } = await tokenizerOf(old)
    expect(encode('a<|im_end|>', plain).at(-1)).toBe(2)
    expect(isSpecial(2)).toBe(true)
  })

  it('finds tokens that people added whole, without calling them special', async () => {
    const added = ['list', 'i32', types(vocabulary).map((type, id) => (id === 300 ? 4 : type))] as const
    const whole = await tokenizerOf({ ...vocabulary, 'tokenizer.ggml.token_type': added })
    const token = whole.tokenOf(300) as string
    expect(whole.encode(`x${token}x`, plain)).toContain(300)
    expect(whole.isSpecial(300)).toBe(false)
  })
})

function types(metadata: Metadata): readonly number[] {
  const [, , items] = metadata['tokenizer.ggml.token_type'] as ['list', 'i32', number[]]
  return items
}

/** Only single characters, so that the pieces are seen: a token is one byte's letter, or a whole piece. */
function lettersAnd(pieces: readonly string[], pre: string): Metadata {
  const letters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  const merges = pieces.flatMap((piece) => Array.from(piece, (_, i) => [piece.slice(0, i), piece[i]]).slice(1))
  const parts = merges.map(([left, right]) => `${left}${right}`)
  const tokens = [...new Set(['<end>', ...letters, 'Ġ', 'Ċ', 'č', 'ĉ', 'Ã', '©', ...parts])]
  return {
    'tokenizer.ggml.model': ['string', 'gpt2'],
    'tokenizer.ggml.pre': ['string', pre],
    'tokenizer.ggml.tokens': ['list', 'string', tokens],
    'tokenizer.ggml.token_type': ['list', 'i32', tokens.map((_, id) => (id === 0 ? 3 : 1))],
    'tokenizer.ggml.merges': ['list', 'string', [...new Set(merges.map((pair) => pair.join(' ')))]],
    'tokenizer.ggml.bos_token_id': ['u32', 0],
  }
}

describe('the cut before merging', () => {
  const merged = ['1234', 'ĠĠ', '...', 'Ġa', '.Ċ', "'LL", '(x', 'aB']
  const cuts = async (pre: string, text: string): Promise<string[]> => {
    const { encode, tokenOf } = await tokenizerOf(lettersAnd(merged, pre))
    return encode(text, plain).map((id) => tokenOf(id) ?? '')
  }

  it.each([
    ['gpt-2', '1234', ['1234']],
    ['gpt-2', '(x', ['(', 'x']],
    ['gpt-2', "'LL", ["'", 'L', 'L']],
    ['smollm', '1234', ['1', '2', '3', '4']],
    ['smollm', 'b  1', ['b', 'ĠĠ', '1']],
    ['llama-bpe', '1234', ['123', '4']],
    ['llama-bpe', '(x', ['(x']],
    ['llama-bpe', "'LL", ["'LL"]],
    ['llama-bpe', '.\n', ['.Ċ']],
    ['qwen2', '1234', ['1', '2', '3', '4']],
    ['qwen2', '(x', ['(x']],
    ['qwen2', 'e\u0301', ['Ã', '©']],
    ['tekken', '1234', ['1', '2', '3', '4']],
    ['llama-bpe', 'aB', ['aB']],
    ['tekken', 'aB', ['a', 'B']],
    ['default', '1234', ['123', '4']],
    ['default', '(x', ['(', 'x']],
  ])('%s cuts %j into %j', async (pre, text, expected) => {
    expect(await cuts(pre, text)).toEqual(expected)
  })

  it('keeps every text whole, whatever the cut', async () => {
    for (const pre of ['gpt-2', 'smollm', 'llama-bpe', 'qwen2', 'tekken', 'default']) {
      const { encode, decode } = await tokenizerOf(lettersAnd(merged, pre))
      const text = fc.string({ unit: fc.constantFrom(...'aB1.(\'" \n\t'), maxLength: 30 })
      fc.assert(
        fc.property(text, (sample) => {
          expect(decode(encode(sample, plain), all)).toBe(sample)
        }),
      )
    }
  })

  it('begins a text with the start token where Llama 3’s files do not say', async () => {
    expect((await tokenizerOf(lettersAnd(merged, 'llama-bpe'))).encode('a', framed)[0]).toBe(0)
    expect((await tokenizerOf(lettersAnd(merged, 'gpt-2'))).encode('a', framed)[0]).not.toBe(0)
  })

  it('takes a whole token where Llama 3 ignores merges', async () => {
    const withToken = (pre: string): Metadata => {
      const metadata = lettersAnd(merged, pre)
      const [list, kind, tokens] = metadata['tokenizer.ggml.tokens'] as ['list', 'string', string[]]
      const more = [...tokens, 'zqz']
      return {
        ...metadata,
        'tokenizer.ggml.tokens': [list, kind, more],
        'tokenizer.ggml.token_type': ['list', 'i32', more.map(() => 1)],
      }
    }
    expect((await tokenizerOf(withToken('llama-bpe'))).encode('zqz', plain)).toHaveLength(1)
    expect((await tokenizerOf(withToken('gpt-2'))).encode('zqz', plain)).toHaveLength(3)
  })
})

interface SentencePiece {
  readonly tokens: string[]
  readonly scores: number[]
  readonly types: number[]
  readonly bos: number
  readonly eos: number
  readonly unknown: number
  readonly cases: readonly { readonly text: string; readonly ids: number[] }[]
}

describe('a SentencePiece vocabulary', async () => {
  const path = fileURLToPath(new URL('../../../goldens/gguf/sentence-piece.json', import.meta.url))
  const golden = JSON.parse(await readFile(path, 'utf8')) as SentencePiece
  const metadata: Metadata = {
    'tokenizer.ggml.model': ['string', 'llama'],
    'tokenizer.ggml.tokens': ['list', 'string', golden.tokens],
    'tokenizer.ggml.scores': ['list', 'f32', golden.scores],
    'tokenizer.ggml.token_type': ['list', 'i32', golden.types],
    'tokenizer.ggml.bos_token_id': ['u32', golden.bos],
    'tokenizer.ggml.eos_token_id': ['u32', golden.eos],
    'tokenizer.ggml.unknown_token_id': ['u32', golden.unknown],
  }
  const tokenizer = await tokenizerOf(metadata)

  it.each(golden.cases)('gives SentencePiece’s own ids for $text', ({ text, ids }) => {
    expect(tokenizer.encode(text, plain)).toEqual(ids)
  })

  it('begins texts with the start token', () => {
    expect(tokenizer.encode('The river', framed)).toEqual([golden.bos, ...tokenizer.encode('The river', plain)])
  })

  it('gives texts back, in bytes where the vocabulary lacks a letter', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((sample) => !sample.includes('▁') && !/^<0x|<\/?s>/.test(sample))
    fc.assert(
      fc.property(text, (sample) => {
        expect(tokenizer.decode(tokenizer.encode(sample, plain), all)).toBe(sample)
      }),
      { numRuns: 300 },
    )
  })

  it('puts no space in front where the file says so', async () => {
    const bare = await tokenizerOf({ ...metadata, 'tokenizer.ggml.add_space_prefix': ['bool', 0] })
    expect(bare.decode(bare.encode(' The', plain), all)).toBe(' The')
    expect(bare.encode(' The', plain)).toEqual(tokenizer.encode('The', plain))
  })
})

describe('a vocabulary that cannot be used says why', () => {
  const whole = starterVocabulary()
  const without = (key: string): Metadata => Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key))
  const changed = (change: Metadata): Metadata => ({ ...whole, ...change })

  it.each<[string, Metadata, RegExp]>([
    ['none at all', {}, /tokenizer\.ggml\.tokens: expected a vocabulary, got none/],
    ['an empty one', changed({ 'tokenizer.ggml.tokens': ['list', 'string', []] }), /expected a vocabulary/],
    ['tokens that are numbers', changed({ 'tokenizer.ggml.tokens': ['list', 'u32', [1]] }), /a list of texts/],
    ['no model', without('tokenizer.ggml.model'), /expected gpt2 or llama, got none/],
    ['another model', changed({ 'tokenizer.ggml.model': ['string', 'bert'] }), /got "bert"; use the model’s Hugging/],
    ['an inherited model', changed({ 'tokenizer.ggml.model': ['string', 'toString'] }), /got "toString"/],
    ['no merges', without('tokenizer.ggml.merges'), /the merges of a gpt2 vocabulary, got none/],
    ['an unknown cut', changed({ 'tokenizer.ggml.pre': ['string', 'new'] }), /\.pre: expected one of .*smollm.*"new"/],
    ['too few types', changed({ 'tokenizer.ggml.token_type': ['list', 'i32', [1]] }), /4096 numbers.*got 1/],
    [
      'no scores',
      { ...without('tokenizer.ggml.merges'), 'tokenizer.ggml.model': ['string', 'llama'] },
      /scores: expected the scores/,
    ],
    ['a flag in words', changed({ 'tokenizer.ggml.add_bos_token': ['string', 'yes'] }), /true or false/],
  ])('%s', async (_, metadata, message) => {
    await expect(tokenizerOf(metadata)).rejects.toMatchObject({
      code: 'tokenizer-invalid',
      message: expect.stringMatching(message) as string,
    })
  })
})
