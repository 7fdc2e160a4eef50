import { describe, expect, test } from 'vitest'
import { layersText, parseLayers } from '../../../../main/engine/methods/adapter/leave-out'

test.each([
  ['', []],
  ['  ', []],
  ['0', [0]],
  ['0, 3-5', [0, 3, 4, 5]],
  ['5-5,1 , 1', [1, 5]],
  ['2 – 3；0', [0, 2, 3]],
])('"%s" names the layers %j', (text, layers) => {
  expect(parseLayers(text, 8)).toEqual(layers)
})

describe('what names no layers is refused, with the parameter that is wrong', () => {
  test.each([
    ['first', 'layers such as "0, 3-5", got "first"'],
    ['-1', 'layers such as'],
    ['1.5', 'layers such as'],
    ['8', 'layers from 0 to 7'],
    ['5-3', 'the lower one first, got "5-3"'],
    ['0-7', 'at least one layer to be left'],
  ])('"%s"', (text, words) => {
    expect(() => parseLayers(text, 8)).toThrow(words)
    expect(() => parseLayers(text, 8)).toThrow(expect.objectContaining({ details: { parameter: 'leave_out' } }))
  })
})

test.each([[[]], [[3]], [[0, 1]], [[0, 3, 4, 5, 7]], [[7, 2, 1, 2]]])('%j is written as it is read', (layers) => {
  const text = layersText(layers)
  expect(parseLayers(text, 8)).toEqual([...new Set(layers)].sort())
})

test('neighbours become a range', () => {
  expect(layersText([0, 3, 4, 5])).toBe('0, 3-5')
})
