import { describe, expect, it } from 'vitest'
import {
  classExample,
  collate,
  createBuiltInTemplate,
  encodeClassText,
  ignoredLabel,
  joinExamples,
  labelledText,
  orderLabels,
  plainText,
  type ClassReader,
} from '../../../../main/engine/text'
import { loadStarter, loadVariation } from '../starter'

const user = (content: string) => ({ role: 'user' as const, content })
const assistant = (content: string) => ({ role: 'assistant' as const, content })
const labelsIn = (labels: Int32Array): number[][] =>
  [...labels.entries()].filter(([, label]) => label !== ignoredLabel).map((entry) => [...entry])

describe('labelledText', () => {
  it('takes the last answer as the label and what comes before as the text', () => {
    const messages = [user('Is it good?'), assistant('Which?'), user('This.'), assistant(' yes\n')]
    expect(labelledText({ kind: 'messages', messages })).toEqual({ messages: messages.slice(0, 3), label: 'yes' })
    expect(labelledText({ kind: 'completion', prompt: 'good', completion: ' yes' })).toEqual({
      messages: [user('good')],
      label: 'yes',
    })
  })

  it('finds none in plain text', () => {
    expect(labelledText({ kind: 'text', text: 'good' })).toBeUndefined()
  })
})

it('plain text is the messages one below the other', () => {
  expect(plainText([{ role: 'system', content: 'Be brief.' }, user(''), user('Hi')])).toBe('Be brief.\nHi')
})

it('labels have an order of their own, numbers that of their values', () => {
  expect(orderLabels(['b', 'a', 'b'])).toEqual(['a', 'b'])
  expect(orderLabels(['10', '9', '-1', '2.5'])).toEqual(['-1', '2.5', '9', '10'])
  expect(orderLabels(['10', '9', 'x'])).toEqual(['10', '9', 'x'])
})

describe('encodeClassText', async () => {
  const tokenizer = await loadStarter()
  const template = createBuiltInTemplate(tokenizer)
  const read = (text: string, change: Partial<ClassReader> = {}): { ids: Int32Array; length: number } =>
    encodeClassText([user(text)], { tokenizer, template, rendering: 'text', maxLength: 100, ...change })
  const textOf = (ids: Int32Array): string => tokenizer.decode([...ids], { skipSpecialTokens: false })

  it('has a plain text’s own tokens', () => {
    expect([...read('The card is lost').ids]).toEqual(tokenizer.encode('The card is lost', { addSpecialTokens: true }))
  })

  it('ends a rendered text where the answer would begin', () => {
    expect(textOf(read('lost', { rendering: 'chat' }).ids)).toBe(
      '<|im_start|>user\nlost<|im_end|>\n<|im_start|>assistant\n',
    )
  })

  it('cuts the end of a plain text, and the middle of a rendered one', () => {
    const long = 'The first words of it. '.repeat(40)
    const plain = read(long, { maxLength: 12 })
    expect(textOf(plain.ids)).toBe(textOf(read(long, { maxLength: 1000 }).ids.subarray(0, 12)))
    expect(plain.length).toBeGreaterThan(100)
    const rendered = read(long, { rendering: 'chat', maxLength: 24 })
    expect(rendered.ids).toHaveLength(24)
    expect(textOf(rendered.ids)).toMatch(/^<\|im_start\|>user\nThe[^]*<\|im_start\|>assistant\n$/)
  })

  it('does not end with padding, which readers of the class would look past', async () => {
    const end = { id: '<|im_end|>', type_id: 0 }
    const post_processor = {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: end }],
      pair: [],
      special_tokens: {
        '<|im_end|>': { id: '<|im_end|>', ids: [tokenizer.idOf('<|im_end|>')], tokens: ['<|im_end|>'] },
      },
    }
    const adding = await loadVariation({ definition: { post_processor }, config: { pad_token: '<|im_end|>' } })
    expect(adding.encode('lost', { addSpecialTokens: true }).at(-1)).toBe(adding.padId)
    expect([...read('lost', { tokenizer: adding }).ids]).toEqual(adding.encode('lost', { addSpecialTokens: false }))
  })
})

describe('a text with a class', () => {
  const [short, long] = [classExample(Int32Array.of(7, 8), 1), classExample(Int32Array.of(4, 5, 6), 0)]

  it('bears loss at its last token only, beside padding too', () => {
    const batch = collate([short, long], { rows: 3, length: 4 }, 9)
    expect(labelsIn(batch.labels)).toEqual([
      [1, 1],
      [6, 0],
    ])
    expect([batch.tokens, batch.trainedTokens]).toEqual([5, 2])
  })

  it('keeps its class when it shares a row', () => {
    const batch = collate([joinExamples([short, long, short])], { rows: 1, length: 8 }, 9)
    expect(labelsIn(batch.labels)).toEqual([
      [1, 1],
      [4, 0],
      [6, 1],
    ])
    expect([...batch.first].slice(0, 7)).toEqual([0, 0, 2, 2, 2, 5, 5])
  })
})
