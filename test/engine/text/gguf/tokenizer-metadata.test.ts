import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileSource } from '../../../../main/engine/tensor'
import {
  createBuiltInTemplate,
  ggufTokenizerFiles,
  jsonFiles,
  loadTokenizer,
  tokenizerFromGguf,
  tokenizerMetadata,
  type TokenizerEntries,
} from '../../../../main/engine/text'
import { folderFiles } from '../../../helpers/folder-files'

type Json = Record<string, unknown>
const plain = { addSpecialTokens: false }
const starter = JSON.parse(await readFile('resources/starter/tokenizer.json', 'utf8')) as Json

async function described(files: FileSource, rows: number, probes: readonly string[] = []): Promise<TokenizerEntries> {
  const tokenizer = await loadTokenizer(files)
  return tokenizerMetadata({ files, tokenizer, template: createBuiltInTemplate(tokenizer), rows, probes })
}

/** The starter's vocabulary with another pre-tokenizer. */
const cutBy = (steps: readonly Json[], more: Json = {}): FileSource => {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
  const pre_tokenizer = { type: 'Sequence', pretokenizers: [...steps, bytes] }
  return jsonFiles({ 'tokenizer.json': { ...starter, ...more, pre_tokenizer } })
}
const split = (Regex: string): Json => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false })
const llama3 = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

describe('a byte-level tokenizer', () => {
  it('reads any text alike, and names its special tokens', async () => {
    const files = folderFiles('resources/starter')
    const original = await loadTokenizer(files)
    const entries = await described(files, 4096)
    const written = await tokenizerFromGguf(entries)
    expect(entries.get('tokenizer.ggml.pre')).toBe('gpt-2')
    expect(written).toMatchObject({ bosId: original.bosId, eosIds: original.eosIds, padId: original.padId })
    const marks = fc.constantFrom('<|im_start|>', '  ', '\n\n', ' 42', "'ll", 'é', '🌱', ' the', 'Ġ')
    const text = fc.array(fc.oneof(marks, fc.string({ unit: 'grapheme' }))).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (sample) => {
        expect(written.encode(sample, plain)).toEqual(original.encode(sample, plain))
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    [
      'digits one by one',
      [
        { type: 'Digits', individual_digits: true },
        split(String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`),
      ],
      {},
      'smollm',
    ],
    [
      'Llama 3’s pattern',
      [split(llama3)],
      { model: { ...(starter['model'] as Json), ignore_merges: true } },
      'llama-bpe',
    ],
    ['Qwen’s pattern', [split(llama3.replace('{1,3}', ''))], { normalizer: { type: 'NFC' } }, 'qwen2'],
    // The same cuts in other words: found by trying.
    [
      'GPT-2’s pattern, written otherwise',
      [split(String.raw`'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`)],
      {},
      'gpt-2',
    ],
  ] as const)('is known by %s', async (_, steps, more, name) => {
    expect((await described(cutBy(steps as unknown as Json[], more as Json), 4096)).get('tokenizer.ggml.pre')).toBe(
      name,
    )
  })

  it('with cuts of its own is refused', async () => {
    await expect(described(cutBy([split('[aeiou]')]), 4096)).rejects.toMatchObject({ code: 'export-failed' })
  })

  it('has a token for each row of the model’s table, and none beyond', async () => {
    const files = folderFiles('resources/starter')
    const longer = await described(files, 4100)
    expect((longer.get('tokenizer.ggml.tokens') as string[]).slice(4096)).toEqual(
      [4096, 4097, 4098, 4099].map((id) => `[PAD${id}]`),
    )
    expect([...(longer.get('tokenizer.ggml.token_type') as Int32Array).slice(4095)]).toEqual([1, 5, 5, 5, 5])
    const twoMore = {
      ...starter,
      added_tokens: [...(starter['added_tokens'] as Json[]), { id: 4096, content: '<|x|>', special: true }],
    }
    const cut = await described(jsonFiles({ 'tokenizer.json': twoMore }), 4096)
    expect(cut.get('tokenizer.ggml.tokens')).toHaveLength(4096)
  })
})

describe('a SentencePiece tokenizer', async () => {
  const golden = JSON.parse(await readFile('test/goldens/gguf/sentence-piece.json', 'utf8')) as {
    tokens: string[]
    scores: number[]
    types: number[]
    cases: { text: string }[]
  }
  const source = (prefix: boolean): Map<string, unknown> =>
    new Map<string, unknown>([
      ['tokenizer.ggml.model', 'llama'],
      ['tokenizer.ggml.tokens', golden.tokens],
      ['tokenizer.ggml.scores', Float32Array.from(golden.scores)],
      ['tokenizer.ggml.token_type', Int32Array.from(golden.types)],
      ['tokenizer.ggml.bos_token_id', 1],
      ['tokenizer.ggml.eos_token_id', 2],
      ['tokenizer.ggml.unknown_token_id', 0],
      ['tokenizer.ggml.add_space_prefix', prefix],
    ])
  const texts = golden.cases.map(({ text }) => text)

  it.each([true, false])('comes back from its merges alone; a space before texts: %s', async (prefix) => {
    const files = jsonFiles(ggufTokenizerFiles(source(prefix)))
    const entries = await described(files, golden.tokens.length, texts)
    expect(entries.get('tokenizer.ggml.model')).toBe('llama')
    expect(entries.get('tokenizer.ggml.add_space_prefix')).toBe(prefix)
    expect(entries.get('tokenizer.ggml.add_bos_token')).toBe(true)
    expect([...(entries.get('tokenizer.ggml.token_type') as Int32Array)]).toEqual(golden.types)
    const [original, written] = [await loadTokenizer(files), await tokenizerFromGguf(entries)]
    for (const text of texts) expect(written.encode(text, plain)).toEqual(original.encode(text, plain))
  })
})

it.each([
  ['of another kind', { ...starter, model: { type: 'WordLevel', vocab: { a: 0, '[UNK]': 1 }, unk_token: '[UNK]' } }],
  ['over letters', { ...starter, pre_tokenizer: { type: 'Whitespace' } }],
  [
    'that adds a space before a text',
    { ...starter, pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, use_regex: true } },
  ],
])('a tokenizer %s is refused, and told where to go', async (_, json) => {
  const attempt = described(jsonFiles({ 'tokenizer.json': json as Json }), 4096)
  await expect(attempt).rejects.toThrow(/^GGUF: tokenizer: expected .*; export a merged folder instead/)
})
