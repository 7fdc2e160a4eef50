import { describe, expect, it } from 'vitest'
import { nearestName } from '../../../main/cli/spec/nearest-name'
import { overlay, valueAt } from '../../../main/cli/spec/tree'

describe('nearestName', () => {
  const known = ['learningRate', 'steps', 'seed', 'epochs', 'r']
  it.each([
    ['leaningRate', 'learningRate'],
    ['learning_rate', 'learningRate'],
    ['setps', 'steps'],
    ['step', 'steps'],
    ['q', 'r'],
    ['colour', undefined],
  ])('%s → %s', (name, meant) => expect(nearestName(name, known)).toBe(meant))
})

describe('overlay', () => {
  it('takes what the second says and keeps what it does not', () => {
    expect(overlay({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { c: 3 }, d: [4] })).toEqual({ a: { b: 1, c: 3 }, d: [4] })
  })
  it('does not mix two models, datasets or ways to validate', () => {
    const under = {
      model: { kind: 'folder', path: 'x' },
      training: { seed: 1, validation: { kind: 'dataset', id: 'd' } },
    }
    const over = { model: { kind: 'starter' }, training: { validation: { kind: 'column', column: 'c', value: 'v' } } }
    expect(overlay(under, over)).toEqual({
      model: { kind: 'starter' },
      training: { seed: 1, validation: { kind: 'column', column: 'c', value: 'v' } },
    })
  })
  it('leaves the parameters of one method to it', () => {
    const under = { method: { id: 'lora', parameters: { r: 8, alpha: 4 } } }
    expect(overlay(under, { method: { id: 'full', parameters: {} } })).toEqual({
      method: { id: 'full', parameters: {} },
    })
    expect(overlay(under, { method: { id: 'lora', parameters: { r: 2 } } })).toEqual({
      method: { id: 'lora', parameters: { r: 2, alpha: 4 } },
    })
  })
})

it('valueAt finds what lies deep, and nothing where there is nothing', () => {
  expect(valueAt({ a: { b: 1 } }, 'a.b')).toBe(1)
  expect([valueAt({ a: 1 }, 'a.b'), valueAt({}, 'x.y')]).toEqual([undefined, undefined])
})
