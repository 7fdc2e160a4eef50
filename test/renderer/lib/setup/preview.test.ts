import { describe, expect, it } from 'vitest'
import { applyMapping, turnsOf } from '../../../../renderer/lib/setup/preview'

const row = { line: 1, source: '{}' }

describe('turnsOf', () => {
  it('marks what is learned: the answers of a conversation, the completion, all of a plain text', () => {
    const messages = [
      { role: 'system' as const, content: 's' },
      { role: 'user' as const, content: 'u' },
      { role: 'assistant' as const, content: 'a' },
    ]
    expect(turnsOf({ ...row, messages }).map(({ trained }) => trained)).toEqual([false, false, true])
    expect(turnsOf({ ...row, prompt: 'p', completion: 'c' })).toEqual([
      { role: 'user', content: 'p', trained: false },
      { role: 'assistant', content: 'c', trained: true },
    ])
    expect(turnsOf({ ...row, text: 't' })).toEqual([{ role: 'text', content: 't', trained: true }])
    expect(turnsOf(row)).toEqual([])
  })
})

describe('applyMapping', () => {
  const source = JSON.stringify({ q: 'How?', extra: 7, a: 'So.', s: 'Be kind.', empty: null })
  it('joins the inputs under the instruction', () => {
    const turns = applyMapping(source, {
      form: 'mapped',
      input: ['q', 'empty', 'extra'],
      answer: 'a',
      instruction: 'Say:',
    })
    expect(turns.map(({ content }) => content)).toEqual(['Say:\nHow?\n7', 'So.'])
  })
  it('puts the system text first, and shows nothing for a column that is not there', () => {
    const turns = applyMapping(source, { form: 'mapped', system: 's', input: ['q'], answer: 'missing' })
    expect(turns.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'Be kind.'],
      ['user', 'How?'],
      ['assistant', ''],
    ])
  })
})
