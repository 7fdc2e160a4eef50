import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectForm, isRejected, recordForms, toContent, type ColumnMapping } from '../../../../main/engine/text'

const system = { role: 'system', content: 'Be kind.' }
const user = { role: 'user', content: 'Hi' }
const assistant = { role: 'assistant', content: 'Hello' }

describe('detectForm', () => {
  it.each([
    [{ messages: [] }, 'openai'],
    [{ conversations: [] }, 'sharegpt'],
    [{ instruction: '', output: '' }, 'alpaca'],
    [{ prompt: '', completion: '', id: 1 }, 'prompt-completion'],
    [{ text: '', url: '' }, 'text'],
    [{ messages: [], prompt: '', completion: '', text: '' }, 'openai'],
    [{ instruction: '', output: '', text: '' }, 'alpaca'],
    [{ text: '', label: 1 }, undefined],
    [{ question: '', answer: '' }, undefined],
    [['text'], undefined],
    [null, undefined],
  ])('%j is %s', (row, form) => {
    expect(detectForm(row)).toBe(form)
  })
})

describe('toContent of good rows', () => {
  it('alpaca joins instruction and input, and puts the history before', () => {
    const row = { instruction: 'Add', input: '1 2', output: '3', system: 'Be kind.', history: [['Hi', 'Hello']] }
    expect(toContent(row, 'alpaca')).toEqual({
      kind: 'messages',
      messages: [system, user, assistant, { role: 'user', content: 'Add\n1 2' }, { role: 'assistant', content: '3' }],
    })
  })

  it.each([{ input: '' }, { input: null }, {}])('alpaca without input: %j', (rest) => {
    expect(toContent({ instruction: 'Hi', output: 'Hello', ...rest }, 'alpaca')).toEqual({
      kind: 'messages',
      messages: [user, assistant],
    })
  })

  it('sharegpt maps the names of the roles', () => {
    const turns = [
      { from: 'human', value: 'Hi' },
      { from: 'function_call', value: '{"name":"f"}' },
      { from: 'observation', value: '4' },
      { from: 'gpt', value: 'Hello' },
    ]
    expect(toContent({ conversations: turns, system: 'Be kind.' }, 'sharegpt')).toEqual({
      kind: 'messages',
      messages: [
        system,
        user,
        { role: 'assistant', content: '{"name":"f"}' },
        { role: 'tool', content: '4' },
        assistant,
      ],
    })
  })

  it('openai reads text parts and tool calls, and its system message wins over the column', () => {
    const calls = [{ id: 'c', function: { name: 'f', arguments: '{}' } }]
    const messages = [
      system,
      {
        role: 'user',
        content: [
          { type: 'text', text: 'H' },
          { type: 'text', text: 'i' },
        ],
      },
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', content: '4' },
      assistant,
    ]
    expect(toContent({ messages, system: 'Other' }, 'openai')).toEqual({
      kind: 'messages',
      messages: [
        system,
        user,
        { role: 'assistant', content: JSON.stringify(calls) },
        { role: 'tool', content: '4' },
        assistant,
      ],
    })
  })

  it('prompt and completion stay plain strings', () => {
    expect(toContent({ prompt: ' a\n', completion: ' b ' }, 'prompt-completion')).toEqual({
      kind: 'completion',
      prompt: ' a\n',
      completion: ' b ',
    })
  })

  it('prompt and completion as messages are a conversation that is trained from the completion on', () => {
    const row = { prompt: [user, assistant, user], completion: [assistant] }
    expect(toContent(row, 'prompt-completion')).toEqual({
      kind: 'messages',
      messages: [user, assistant, user, assistant],
      trainFrom: 3,
    })
  })

  it('text stays as it is', () => {
    expect(toContent({ text: '  x\n' }, 'text')).toEqual({ kind: 'text', text: '  x\n' })
  })
})

describe('toContent by a column mapping', () => {
  const mapping: ColumnMapping = { form: 'mapped', input: ['title', 'body'], answer: 'label', instruction: 'Rate:' }

  it('joins the inputs under the instruction', () => {
    expect(toContent({ title: 'T', body: 'B', label: 1, who: 'Be kind.' }, { ...mapping, system: 'who' })).toEqual({
      kind: 'messages',
      messages: [system, { role: 'user', content: 'Rate:\nT\nB' }, { role: 'assistant', content: '1' }],
    })
  })

  it('leaves absent inputs out', () => {
    expect(toContent({ title: null, body: 'B', label: 'x' }, mapping)).toMatchObject({
      messages: [{ content: 'Rate:\nB' }, { content: 'x' }],
    })
  })

  it.each([
    [{ title: 'T', body: 'B' }, 'field-missing', 'label'],
    [{ label: 'x' }, 'field-missing', 'title'],
    [{ title: ' ', label: 'x' }, 'prompt-empty', 'title'],
    [{ title: 'T', label: '' }, 'answer-empty', 'label'],
    [{ title: 'T', body: {}, label: 'x' }, 'field-type', 'body'],
  ])('%j has the problem %s', (row, code, field) => {
    expect(toContent(row, mapping)).toMatchObject({ problem: { code, field } })
  })
})

describe('toContent of bad rows says what and where', () => {
  it.each([
    [[], 'alpaca', 'row-not-object', undefined],
    ['text', 'text', 'row-not-object', undefined],
    [{ output: 'x' }, 'alpaca', 'field-missing', 'instruction'],
    [{ instruction: 'x', output: 5 }, 'alpaca', 'field-type', 'output'],
    [{ instruction: 'x', output: ' ' }, 'alpaca', 'answer-empty', 'output'],
    [{ instruction: '', output: 'x' }, 'alpaca', 'prompt-empty', 'instruction'],
    [{ instruction: 'x', output: 'x', system: 1 }, 'alpaca', 'field-type', 'system'],
    [{ instruction: 'x', output: 'x', input: [] }, 'alpaca', 'field-type', 'input'],
    [{ instruction: 'x', output: 'x', history: 'h' }, 'alpaca', 'field-type', 'history'],
    [{ instruction: 'x', output: 'x', history: [['q', 'a'], ['q']] }, 'alpaca', 'field-type', 'history[1]'],
    [{}, 'sharegpt', 'field-missing', 'conversations'],
    [{ conversations: 'x' }, 'sharegpt', 'field-type', 'conversations'],
    [{ conversations: [] }, 'sharegpt', 'conversation-empty', 'conversations'],
    [{ conversations: [{ from: 'bard', value: 'x' }] }, 'sharegpt', 'role-unknown', 'conversations[0].from'],
    [{ conversations: [{ from: 'toString', value: 'x' }] }, 'sharegpt', 'role-unknown', 'conversations[0].from'],
    [{ conversations: [{ from: 'human' }] }, 'sharegpt', 'field-missing', 'conversations[0].value'],
    [{ messages: ['x'] }, 'openai', 'field-type', 'messages[0]'],
    [{ messages: [{ content: 'x' }] }, 'openai', 'field-missing', 'messages[0].from'],
    [{ messages: [{ role: 3, content: 'x' }] }, 'openai', 'field-type', 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 3 }] }, 'openai', 'field-type', 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'openai', 'field-type', 'messages[0].content'],
    [{ messages: [system, user] }, 'openai', 'no-answer', 'messages'],
    [{ messages: [user, assistant, user] }, 'openai', 'ends-without-answer', 'messages[2]'],
    [{ messages: [user, { ...assistant, content: '\n' }] }, 'openai', 'answer-empty', 'messages[1]'],
    [{ prompt: 'x' }, 'prompt-completion', 'field-missing', 'completion'],
    [{ prompt: 'x', completion: '' }, 'prompt-completion', 'answer-empty', 'completion'],
    [{ prompt: [user], completion: 'x' }, 'prompt-completion', 'field-type', 'completion'],
    [{ prompt: [user], completion: [user] }, 'prompt-completion', 'no-answer', 'completion'],
    [{ text: null }, 'text', 'field-missing', 'text'],
    [{ text: '\n ' }, 'text', 'text-empty', 'text'],
  ] as const)('%j as %s: %s', (row, form, code, field) => {
    const content = toContent(row, form)
    if (!isRejected(content)) throw new Error('the row was accepted')
    expect(content.problem.code).toBe(code)
    expect(content.problem.field).toBe(field)
    expect(content.problem.message).toMatch(/\w+ \w+/)
  })

  it('never throws, whatever JSON a row is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...recordForms), (value, form) => {
        const keys = ['messages', 'conversations', 'instruction', 'output', 'prompt', 'completion', 'text']
        const row = Object.fromEntries(keys.map((key) => [key, value]))
        const content = toContent(row, form)
        if (typeof value !== 'string') expect(isRejected(content)).toBe(true)
      }),
    )
  })
})
