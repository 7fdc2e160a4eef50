import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createStreamDecoder, loadTokenizer, type Tokenizer } from '../../../main/engine/text'
import { memoryFiles } from './memory-files'
import { loadStarter } from './starter'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await loadStarter()
})

function stream(from: Tokenizer, ids: readonly number[]): string[] {
  const decoder = createStreamDecoder(from)
  return [...ids.map((id) => decoder.push(id)), decoder.flush()]
}

/** Without the character that stands for broken bytes, so that its presence shows a mistake. */
const wholeText = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\uFFFD'))

describe('createStreamDecoder', () => {
  it('joins to the whole text and never shows half a character, for any text', () => {
    fc.assert(
      fc.property(wholeText, (text) => {
        const pieces = stream(tokenizer, tokenizer.encode(text, { addSpecialTokens: false }))
        expect(pieces.join('')).toBe(text)
        expect(pieces.every((piece) => !/[\p{Surrogate}\uFFFD]/u.test(piece))).toBe(true)
      }),
    )
  })

  it('joins to what the tokenizer decodes, for any ids', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5000 })), (ids) => {
        expect(stream(tokenizer, ids).join('')).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
      }),
    )
  })

  it('holds the bytes of a character back until the last one', () => {
    const ids = tokenizer.encode('🦩', { addSpecialTokens: false })
    expect(ids.length).toBeGreaterThan(1)
    expect(stream(tokenizer, ids)).toEqual([...ids.slice(1).map(() => ''), '🦩', ''])
  })

  it('gives up an unfinished character only at the end', () => {
    const half = tokenizer.encode('🦩', { addSpecialTokens: false }).slice(0, -1)
    const pieces = stream(tokenizer, half)
    expect(pieces.slice(0, -1).join('')).toBe('')
    expect(pieces.at(-1)).toContain('\uFFFD')
  })

  it('keeps the blanks between words of tokenizers that mark them at the front', async () => {
    const vocab = Object.fromEntries(['<unk>', '▁good', '▁morning', 's', '▁'].map((token, id) => [token, id]))
    const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' }
    const files = memoryFiles({
      'tokenizer.json': JSON.stringify({
        model: { type: 'BPE', vocab, merges: [], unk_token: '<unk>' },
        pre_tokenizer: metaspace,
        decoder: metaspace,
      }),
    })
    expect(stream(await loadTokenizer(files), [1, 2, 3, 4, 1])).toEqual(['good', ' morning', 's', ' ', ' good', ''])
  })
})
