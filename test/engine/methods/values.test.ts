import { describe, expect, it } from 'vitest'
import type { MethodInfo, ParameterValue } from '../../../main/engine/nn'
import { resolveValues } from '../../../main/engine/methods/values'
import { plainMethod, plainParameter } from '../../helpers/methods/plain-method'

const info: MethodInfo = plainMethod('Knobs', {
  parameters: [
    plainParameter('count', { type: 'integer', default: 4, min: 1, max: 9 }),
    plainParameter('strength', { type: 'number', default: 0.5, min: 0, max: 2 }),
    plainParameter('free', { type: 'number', default: 0 }),
    plainParameter('on', { type: 'boolean', default: true }),
    plainParameter('names', { type: 'text', default: 'all' }),
    plainParameter('kind', { type: 'choice', default: 'mlp', choices: ['mlp', 'lstm'] }),
  ],
})

describe('values', () => {
  const defaults = { count: 4, strength: 0.5, free: 0, on: true, names: 'all', kind: 'mlp' }

  it('are the defaults where nothing was given', () => {
    expect(resolveValues(info, {})).toEqual(defaults)
  })

  it('are what was given, also where that is 0, false or an empty text', () => {
    const given = { count: 9, strength: 0, free: -1e9, on: false, names: '', kind: 'lstm' }
    expect(resolveValues(info, given)).toEqual(given)
    expect(resolveValues(info, { kind: 'lstm' })).toEqual({ ...defaults, kind: 'lstm' })
    // Whoever read `names=4` did not know that it is a text.
    expect(resolveValues(info, { names: 4 })).toEqual({ ...defaults, names: '4' })
  })
})

describe('values outside their declaration are refused by name', () => {
  it.each<[string, ParameterValue, string]>([
    ['count', 2.5, 'Knobs: count: expected a whole number, got 2.5; correct the value'],
    ['count', '3', 'Knobs: count: expected a whole number, got "3"; correct the value'],
    ['count', 0, 'Knobs: count: expected a value between 1 and 9, got 0; correct the value'],
    ['count', 10, 'Knobs: count: expected a value between 1 and 9, got 10; correct the value'],
    ['strength', -0.1, 'Knobs: strength: expected a value between 0 and 2, got -0.1; correct the value'],
    ['strength', true, 'Knobs: strength: expected a number, got true; correct the value'],
    ['on', 1, 'Knobs: on: expected a boolean, got 1; correct the value'],
    ['names', false, 'Knobs: names: expected a text, got false; correct the value'],
    ['kind', 'gru', 'Knobs: kind: expected one of mlp, lstm, got "gru"; correct the value'],
    ['kind', false, 'Knobs: kind: expected a text, got false; correct the value'],
  ])('%s: %j', (name, value, message) => {
    const attempt = (): unknown => resolveValues(info, { [name]: value })
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid-argument', details: { parameter: name } }))
    expect(attempt).toThrow(message)
  })

  it.each(['count', 'strength', 'free'])('%s: what is no finite number', (name) => {
    for (const value of [NaN, Infinity, -Infinity])
      expect(() => resolveValues(info, { [name]: value })).toThrow(new RegExp(`^Knobs: ${name}: expected .*${value}`))
  })

  it('a parameter that is not declared', () => {
    expect(() => resolveValues(info, { rank: 3 })).toThrow(
      'Knobs: expected its parameters (count, strength, free, on, names, kind), got rank; correct the name',
    )
    expect(() => resolveValues({ ...info, parameters: [] }, { rank: 3 })).toThrow(
      'Knobs: expected no parameters, got rank; correct the name',
    )
  })
})
