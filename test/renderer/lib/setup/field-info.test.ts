import { expect, it } from 'vitest'
import type { Dataset, ParameterInfo } from '../../../../preload/contract'
import { firstDraft } from '../../../../renderer/lib/setup/draft'
import { fieldOf, isUnusual, shownParameters } from '../../../../renderer/lib/setup/field-info'
import { plainMethod, plainParameter } from '../../../helpers/methods/plain-method'

const encoder = plainParameter('encoder', { type: 'choice', default: 'mlp', choices: ['mlp', 'lstm'] })
const layers = plainParameter('layers', {
  type: 'integer',
  default: 2,
  min: 1,
  max: 4,
  when: { parameter: 'encoder', is: 'lstm' },
})
const method = plainMethod('P-Tuning', { parameters: [encoder, layers] })
const draft = firstDraft({ rows: 10, name: '' } as Dataset, method)
const shown = (parameters: Record<string, number | string>): string[] =>
  shownParameters(method, { ...draft, parameters }).map(({ name }) => name)

it('shows a parameter where the value that it belongs to is chosen', () => {
  expect(shown({})).toEqual(['encoder'])
  expect(shown({ encoder: 'lstm' })).toEqual(['encoder', 'layers'])
})

it('shows a wrong value also where it does not matter, so that it can be mended', () => {
  expect(shown({ layers: 9 })).toEqual(['encoder', 'layers'])
})

it('speaks one language, choices included', () => {
  const info: ParameterInfo = {
    ...encoder,
    label: { en: 'Encoder', zh: '编码器' },
    explanation: { en: 'What makes the prompt.', zh: '生成提示的网络。' },
    choiceLabels: { lstm: { en: 'two-way LSTM', zh: '双向 LSTM' } },
  }
  expect(fieldOf(info, 'zh')).toMatchObject({
    label: '编码器',
    explanation: '生成提示的网络。',
    choiceLabels: { lstm: '双向 LSTM' },
  })
  expect(fieldOf(info, 'en').label).toBe('Encoder')
  expect(fieldOf(encoder, 'en')).not.toHaveProperty('choiceLabels')
})

it.each([
  [0.1, false],
  [1, false],
  [0.05, true],
  [2, true],
  // Not allowed at all: that is told instead.
  [11, false],
  ['2', false],
])('knows what is unusual: %s', (value, unusual) => {
  const strength = plainParameter('strength', {
    type: 'number',
    default: 0.5,
    min: 0,
    max: 10,
    usual: { low: 0.1, high: 1 },
  })
  expect(isUnusual(strength, value)).toBe(unusual)
  expect(isUnusual(encoder, value)).toBe(false)
})
