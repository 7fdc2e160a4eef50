import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  countTargets,
  createChatTemplate,
  encodeChat,
  encodeContent,
  encodePrompt,
  type ChatMessage,
  type ChatTemplate,
  type Encoded,
  type RowContent,
  type Tokenizer,
} from '../../../main/engine/text'
import { loadStarter, loadVariation } from './starter'
import { templateStyles } from './template-styles'

let starter: Tokenizer
let headerTokenizer: Tokenizer
beforeAll(async () => {
  starter = await loadStarter()
  const config = { bos_token: '<|endoftext|>', eos_token: '<|turn|>' }
  headerTokenizer = await loadVariation({ tokens: ['<|header|>', '<|/header|>', '<|turn|>'], config })
})

const system: ChatMessage = { role: 'system', content: 'Be brief.' }
const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content })
const twoTurns = [user('Name a lake.'), assistant('Como'), user('Another?'), assistant('Garda')]

function templateOf(style: keyof typeof templateStyles, tokenizer = starter): ChatTemplate {
  return createChatTemplate(templateStyles[style], 'chat_template.jinja', tokenizer, {})
}

/** The trained parts as text, one string for each unbroken span. */
function trainedSpans(tokenizer: Tokenizer, { ids, trained }: Encoded): string[] {
  const spans: number[][] = []
  ids.forEach((id, t) => {
    if (trained[t] !== 1) return
    if (trained[t - 1] !== 1) spans.push([])
    spans.at(-1)?.push(id)
  })
  return spans.map((span) => tokenizer.decode(span, { skipSpecialTokens: false }))
}

function encodeTurns(
  style: keyof typeof templateStyles,
  messages: readonly ChatMessage[],
  trainFrom?: number,
): Encoded {
  const content: RowContent = { kind: 'messages', messages, ...(trainFrom !== undefined && { trainFrom }) }
  return encodeContent(starter, templateOf(style), content)
}

describe('conversations: the loss is on the answers with their terminators only', () => {
  it.each(['chatml', 'defaultSystem', 'stripsThinking'] as const)('%s', (style) => {
    const encoded = encodeTurns(style, twoTurns)
    expect(trainedSpans(starter, encoded)).toEqual(['Como<|im_end|>', 'Garda<|im_end|>'])
    expect(encoded.notes).toEqual([])
  })

  it('with a system message', () => {
    expect(trainedSpans(starter, encodeTurns('chatml', [system, ...twoTurns]))).toHaveLength(2)
  })

  it('with header tokens and a start token in the template', () => {
    const template = templateOf('headers', headerTokenizer)
    const encoded = encodeContent(headerTokenizer, template, { kind: 'messages', messages: twoTurns })
    expect(trainedSpans(headerTokenizer, encoded)).toEqual(['Como<|turn|>', 'Garda<|turn|>'])
    expect([...encoded.ids].filter((id) => id === 0)).toHaveLength(1)
  })

  it('with the system’s words inside of the first question, and answers that are the model’s', async () => {
    const tokens = ['<bos>', '<turn>', '<end>']
    const tokenizer = await loadVariation({ tokens, config: { bos_token: '<bos>', eos_token: '<end>' } })
    const template = templateOf('systemInside', tokenizer)
    const encoded = encodeContent(tokenizer, template, { kind: 'messages', messages: [system, ...twoTurns] })
    expect(trainedSpans(tokenizer, encoded)).toEqual(['Como<end>', 'Garda<end>'])
    expect(tokenizer.decode([...encoded.ids].slice(0, 16), { skipSpecialTokens: false })).toMatch(
      /^<bos><turn>user\nBe brief\.\n\nName/,
    )
    expect([...encoded.ids].filter((id) => id === tokenizer.bosId)).toHaveLength(1)
  })

  it('the last turn with the empty thought that the template gives it', () => {
    const encoded = encodeTurns('emptyThinking', twoTurns)
    expect(trainedSpans(starter, encoded)).toEqual(['<think>\n\n</think>\n\nGarda<|im_end|>'])
    expect(encoded.notes).toEqual(['last-turn-only'])
  })

  it('only from the first message of the completion on', () => {
    expect(trainedSpans(starter, encodeTurns('chatml', twoTurns, 2))).toEqual(['Garda<|im_end|>'])
  })

  it('the last turn alone, with a note, where the template rewrites earlier ones', () => {
    const thinking = twoTurns.map((turn) => ({
      ...turn,
      content: turn.content.replace(/^(?=Como|Garda)/, '<think>hm</think>'),
    }))
    const encoded = encodeTurns('stripsThinking', thinking)
    expect(trainedSpans(starter, encoded)).toEqual(['<think>hm</think>Garda<|im_end|>'])
    expect(encoded.notes).toEqual(['last-turn-only'])
  })

  it('the last turn alone where the template refuses a shorter conversation', () => {
    const encoded = encodeTurns('neverEmpty', [assistant('Welcome'), ...twoTurns])
    expect(trainedSpans(starter, encoded)).toEqual(['Garda<|im_end|>'])
    expect(encoded.notes).toEqual(['last-turn-only'])
  })

  it('with an end token appended, and a note, where the template ends answers with none', () => {
    const encoded = encodeTurns('noTerminator', twoTurns)
    expect(trainedSpans(starter, encoded)).toEqual(['Como\n\n', 'Garda\n\n<|im_end|>'])
    expect(encoded.notes).toEqual(['end-appended'])
  })

  it('an answer that begins with the blanks that the prompt ends with is trained whole', () => {
    const [span] = trainedSpans(starter, encodeTurns('chatml', [user('Hi'), assistant('\n\n  x')]))
    expect(span).toMatch(/^\n?\n\n {2}x<\|im_end\|>$/)
  })

  it('the spans hold any answers exactly', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/^\s|<\|/.test(value))
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 }), (pairs) => {
        const messages = pairs.flatMap(([question, answer]) => [user(question), assistant(answer)])
        const expected = pairs.map(([, answer]) => `${answer}<|im_end|>`)
        expect(trainedSpans(starter, encodeTurns('chatml', messages))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })
})

describe('conversations that cannot be marked', () => {
  it('that the template refuses', () => {
    expect(() => encodeTurns('strict', [user('a'), user('b'), assistant('c')])).toThrowError(
      expect.objectContaining({ code: 'template-failed', message: expect.stringContaining('must alternate') }),
    )
  })

  it('whose answer is asked for with words that the answered text does not have', () => {
    expect(() => encodeTurns('forcedThinking', twoTurns)).toThrowError(
      expect.objectContaining({
        code: 'template-failed',
        message: expect.stringContaining('start of the answered text'),
      }),
    )
  })

  it('without an answer to learn', () => {
    expect(() => encodeTurns('chatml', [user('a')])).toThrowError(expect.objectContaining({ code: 'template-failed' }))
  })
})

describe('prompt and completion', () => {
  const encode = (prompt: string, completion: string, tokenizer = starter): Encoded =>
    encodeContent(tokenizer, templateOf('chatml'), { kind: 'completion', prompt, completion })

  it('is joined as it is and ends with the end token', () => {
    const encoded = encode('Two and two is', ' four')
    expect(trainedSpans(starter, encoded)).toEqual([' four<|im_end|>'])
    expect(starter.decode([...encoded.ids], { skipSpecialTokens: false })).toBe('Two and two is four<|im_end|>')
  })

  it('does not end twice', () => {
    expect(trainedSpans(starter, encode('Q:', ' yes<|im_end|>'))).toEqual([' yes<|im_end|>'])
  })

  it('trains a token that spans the border', () => {
    const [said] = trainedSpans(starter, encode('Two and two is ', 'four'))
    expect(said).toMatch(/^ ?four<\|im_end\|>$/)
  })

  it('moves an end token that the tokenizer adds behind the completion', async () => {
    const closing = await loadVariation({ config: { eos_token: '<|im_end|>' }, definition: endTokenProcessor })
    expect(trainedSpans(closing, encode('Two and two is', ' four', closing))).toEqual([' four<|im_end|>'])
  })
})

it('text is trained whole and ended, and its first token is no target', () => {
  const encoded = encodeContent(starter, templateOf('chatml'), { kind: 'text', text: 'Once upon a time' })
  expect(trainedSpans(starter, encoded)).toEqual(['Once upon a time<|im_end|>'])
  expect(countTargets(encoded)).toBe(encoded.ids.length - 1)
})

describe('encodePrompt', () => {
  const prompt = (content: RowContent): ReturnType<typeof encodePrompt> =>
    encodePrompt(starter, templateOf('chatml'), content)

  it('asks for the last answer of a conversation', () => {
    const { promptText, expected, ids } = prompt({ kind: 'messages', messages: twoTurns })
    expect(expected).toBe('Garda')
    expect(promptText).toMatch(/Another\?<\|im_end\|>\n<\|im_start\|>assistant\n$/)
    expect(starter.decode([...ids], { skipSpecialTokens: false })).toBe(promptText)
    expect(encodeChat(starter, templateOf('chatml'), twoTurns.slice(0, -1))).toEqual({ ids, promptText })
  })

  it('is the beginning of what training sees', () => {
    const { ids } = prompt({ kind: 'messages', messages: twoTurns })
    expect([...encodeTurns('chatml', twoTurns).ids].slice(0, ids.length)).toEqual([...ids])
  })

  it('gives the prompt of a completion', () => {
    const { promptText, expected, ids } = prompt({ kind: 'completion', prompt: 'Two is', completion: ' even' })
    expect([promptText, expected]).toEqual(['Two is', ' even'])
    expect(ids).not.toContain(2)
  })

  const wholeText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\uFFFD'))

  it('gives the first half of any text, and expects the rest', () => {
    fc.assert(
      fc.property(wholeText, (text) => {
        const { promptText, expected, ids } = prompt({ kind: 'text', text })
        expect(promptText + expected).toBe(text)
        expect(promptText).not.toContain('\uFFFD')
        expect(ids.length).toBeGreaterThan(0)
      }),
    )
  })
})

/** Puts the end token behind every text, as T5's and some other tokenizers do. */
const endTokenProcessor = {
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<|im_end|>', type_id: 0 } }],
    pair: [],
    special_tokens: { '<|im_end|>': { id: '<|im_end|>', ids: [2], tokens: ['<|im_end|>'] } },
  },
}
