import { expect, it } from 'vitest'
import type { Dataset } from '../../../../preload/contract'
import { firstDraft } from '../../../../renderer/lib/setup/draft'
import { hasFault } from '../../../../renderer/lib/setup/faults'
import { isOutside } from '../../../../renderer/lib/setup/field-info'
import { plainMethod, plainParameter } from '../../../helpers/methods/plain-method'

const rank = plainParameter('r', { type: 'integer', default: 8, min: 1, max: 1024 })
const method = plainMethod('LoRA', { parameters: [rank] })
const draft = firstDraft({ rows: 10, name: '' } as Dataset, method)

it.each([
  [0, true],
  [1, false],
  [1.5, true],
  [1025, true],
  ['x', false],
])('judges numbers by their declaration: %s', (value, outside) => {
  expect(isOutside(rank, value)).toBe(outside)
})

it('finds a wrong number among the method’s values, the training’s and the held-out share', () => {
  expect(hasFault(draft, method)).toBe(false)
  expect(hasFault({ ...draft, parameters: { r: 0 } }, method)).toBe(true)
  const training = (part: object) => ({ ...draft, training: { ...draft.training, ...part } })
  expect(hasFault(training({ maxLength: 4 }), method)).toBe(true)
  expect(hasFault(training({ validationShare: 0.9 }), method)).toBe(true)
})
