import { describe, expect, it } from 'vitest'
import { createBuiltInTemplate, loadTokenizer } from '../../../main/engine/text'
import { memoryFiles } from './memory-files'
import { loadVariation } from './starter'

const added = (tokens: readonly string[], first = 0) =>
  tokens.map((content, i) => ({ id: first + i, content, special: true, normalized: false }))
const plain = { addSpecialTokens: false }
const framed = { addSpecialTokens: true }
const shown = { skipSpecialTokens: false }

/** Gemma's kind: SentencePiece's pieces with bytes for what they lack, spaces as marks, a start token before every text. */
describe('a tokenizer in Gemma’s form', async () => {
  const control = ['<pad>', '<eos>', '<bos>', '<unk>', '<start_of_turn>', '<end_of_turn>']
  const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`)
  const pieces = ['▁', '▁▁', 'a', 'b', 'ab', '▁ab', '\n', '▁a']
  const vocab = Object.fromEntries([...control, ...bytes, ...pieces].map((token, id) => [token, id]))
  const merges = [['▁', '▁'], ['a', 'b'], ['▁', 'ab'], ['▁', 'a']] // prettier-ignore
  const definition = {
    added_tokens: added(control),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<bos>': { id: '<bos>', ids: [2], tokens: ['<bos>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: { type: 'BPE', vocab, merges, byte_fallback: true, fuse_unk: true, unk_token: '<unk>' },
  }
  const tokenizer = await loadTokenizer(
    memoryFiles({
      'tokenizer.json': JSON.stringify(definition),
      'tokenizer_config.json': JSON.stringify({ bos_token: '<bos>', eos_token: '<eos>', pad_token: '<pad>' }),
      'generation_config.json': JSON.stringify({ eos_token_id: [1, 5] }),
    }),
  )

  it('puts its start token before a text on request, once', () => {
    expect(tokenizer.encode('ab', framed)).toEqual([2, vocab['ab']])
    expect(tokenizer.encode('<bos>ab', plain)).toEqual([2, vocab['ab']])
    expect(tokenizer).toMatchObject({ bosId: 2, padId: 0, eosIds: [1, 5] })
  })

  it('has no space of its own before a text, and keeps those that are there', () => {
    expect(tokenizer.encode(' ab  ab', plain)).toEqual([vocab['▁ab'], vocab['▁▁'], vocab['ab']])
    for (const text of ['ab', ' ab', 'ab  ab ', '\n\n ab'])
      expect(tokenizer.decode(tokenizer.encode(text, plain), shown)).toBe(text)
  })

  it('spells what it does not know in bytes', () => {
    const ids = tokenizer.encode('é', plain)
    expect(ids.map((id) => tokenizer.tokenOf(id))).toEqual(['<0xC3>', '<0xA9>'])
    expect(tokenizer.decode(ids, shown)).toBe('é')
  })

  it('ends a turn with a token that ends a generation too, and neither is text', () => {
    expect(tokenizer.isSpecial(5)).toBe(true)
    expect(tokenizer.decode([vocab['ab'] as number, 5], { skipSpecialTokens: true })).toBe('ab')
  })
})

describe('a tokenizer in Qwen’s form', async () => {
  const files = { 'config.json': JSON.stringify({ bos_token_id: 0, eos_token_id: 2 }) }
  const config = { bos_token: null, eos_token: '<|im_end|>', pad_token: '<|endoftext|>', add_bos_token: false }
  const tokenizer = await loadVariation({ config, otherFiles: files })

  it('names no start token, and puts none before a text', () => {
    expect(tokenizer.namedTokens['bos_token']).toBeUndefined()
    expect(tokenizer.encode('Hi', framed)).toEqual(tokenizer.encode('Hi', plain))
  })

  it('pads with another token than it ends with', () => {
    expect(tokenizer.eosIds).toEqual([2])
    expect(tokenizer.tokenOf(tokenizer.padId)).toBe('<|endoftext|>')
  })
})

describe('a tokenizer in GPT-2’s form', async () => {
  const config = { bos_token: '<|endoftext|>', eos_token: '<|endoftext|>', unk_token: '<|endoftext|>' }
  const tokenizer = await loadVariation({ config, without: ['<|im_start|>', '<|im_end|>'] })

  it('has one special token for everything', () => {
    expect(tokenizer.eosIds).toEqual([tokenizer.bosId])
    expect(tokenizer.padId).toBe(tokenizer.bosId)
  })

  it('has no template: turns of the built-in one end with that token', () => {
    const template = createBuiltInTemplate(tokenizer)
    const said = template.render([{ role: 'user', content: 'Hi' }], { addGenerationPrompt: true })
    expect(said).toBe('<|im_start|>user\nHi<|endoftext|>\n<|im_start|>assistant\n')
  })
})
