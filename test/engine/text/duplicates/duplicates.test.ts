import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  contentKeys,
  findLeaks,
  identityKeys,
  identityOf,
  splitGroups,
  splitRows,
  textKeys,
} from '../../../../main/engine/text'

const near = (text: string): number | undefined => textKeys(text).near

describe('the keys of a text', () => {
  it.each([
    ['case and blanks', 'Hello  World', 'hello world\n'],
    ['punctuation', '“Hello”, world!', 'Hello world'],
    ['full-width letters', 'ＡＢＣ　１２', 'abc 12'],
    ['Chinese punctuation', '你好，世界。', '你好 世界'],
  ])('are nearly the same in spite of %s', (_what, one, other) => {
    expect(near(one)).toBe(near(other))
    expect(textKeys(one).exact).not.toBe(textKeys(other).exact)
  })

  it.each([
    ['-5', '5'],
    ['3.14', '314'],
    ['1 + 1', '11'],
    ['6 / 2', '6 * 2'],
    ['5%', '5'],
    ['a', 'á'],
    ['🌱', '🌲'],
    ['ab', 'ba'],
  ])('differ between %s and %s', (one, other) => {
    expect(near(one)).not.toBe(near(other))
  })

  it('have nothing to compare where there is only punctuation', () => {
    expect(textKeys('…!?')).toMatchObject({ near: undefined, prompt: undefined })
  })

  it('are whole numbers that a double holds, and equal for equal texts alone', () => {
    const texts = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 200 })
    fc.assert(
      fc.property(texts, (list) => {
        const keys = list.map((text) => textKeys(text).exact)
        expect(keys.every((key) => Number.isSafeInteger(key) && key >= 0)).toBe(true)
        expect(new Set(keys).size).toBe(list.length)
        expect(list.map((text) => textKeys(text).exact)).toEqual(keys)
      }),
    )
  })

  it('spread: a hundred thousand numbers have as many', () => {
    const keys = Array.from({ length: 100_000 }, (_, n) => textKeys(`row ${n}`).exact)
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(keys.map((key) => key % 65_536)).size).toBeGreaterThan(50_000)
  })
})

describe('the keys of a row', () => {
  const chat = (question: string, answer: string) =>
    contentKeys({
      kind: 'messages',
      messages: [
        { role: 'user', content: question },
        { role: 'assistant', content: answer },
      ],
    })

  it('know the question from the answer', () => {
    expect(chat('What?', 'a').prompt).toBe(chat('what', 'b').prompt)
    expect(chat('What?', 'a').near).not.toBe(chat('What?', 'b').near)
    expect(chat('ab', 'c').exact).not.toBe(chat('a', 'bc').exact)
    const pair = contentKeys({ kind: 'completion', prompt: 'ab', completion: 'c' })
    expect(pair.exact).not.toBe(contentKeys({ kind: 'completion', prompt: 'a', completion: 'bc' }).exact)
  })

  it('of plain text take all of it for the question', () => {
    const keys = contentKeys({ kind: 'text', text: 'Once' })
    expect(keys.prompt).toBe(keys.near)
  })
})

describe('identityKeys', () => {
  const keysOf = (rows: readonly (readonly [prompt: number, whole: number])[]): number[] => [
    ...identityKeys({ prompt: rows.map(([prompt]) => prompt), whole: rows.map(([, whole]) => whole) }),
  ]
  const count = (length: number): number[] => Array.from({ length }, (_, n) => n)

  it('go by the prompt, save for one that says nothing about its rows', () => {
    const common = count(20).map((n) => [1, 100 + n] as const)
    expect(keysOf([...common, [2, 200], [2, 201], [NaN, 7]])).toEqual([...count(20).map((n) => 100 + n), 2, 2, 7])
  })

  it('keep many answers to one question together in a large dataset', () => {
    expect(new Set(keysOf(count(1000).map((n) => [Math.floor(n / 20), n]))).size).toBe(50)
  })

  it('take the whole row without its punctuation, where there is more than that', () => {
    expect(identityOf({ exact: 1, near: 2, prompt: 3 })).toEqual([3, 2])
    expect(identityOf({ exact: 1, near: undefined, prompt: undefined })).toEqual([NaN, 1])
  })
})

describe('splitGroups', () => {
  const inputs = fc.record({
    keys: fc.array(fc.nat(30), { maxLength: 200 }),
    share: fc.double({ min: 0, max: 0.5, noNaN: true }),
    seed: fc.integer(),
  })

  it('gives every row to one side, equal keys to the same one, and the same again', () => {
    fc.assert(
      fc.property(inputs, ({ keys, share, seed }) => {
        const { train, validation } = splitGroups(keys, share, seed)
        expect([...train, ...validation].sort((a, b) => a - b)).toEqual(keys.map((_, row) => row))
        expect(splitGroups(keys, share, seed)).toEqual({ train, validation })
        const groups = new Set(keys).size
        const keysOf = (rows: readonly number[]): number[] => rows.map((row) => keys[row] ?? NaN)
        if (groups > 1) expect(findLeaks(keysOf(train), keysOf(validation))).toEqual([])
        if (share > 0 && keys.length > 1) expect(Math.min(train.length, validation.length)).toBeGreaterThan(0)
      }),
    )
  })

  it('comes close to the wanted share where groups are small', () => {
    const keys = Array.from({ length: 1000 }, (_, n) => Math.floor(n / 5))
    const { validation } = splitGroups(keys, 0.1, 3)
    expect(validation).toHaveLength(100)
    expect(new Set(validation.map((row) => keys[row])).size).toBe(20)
  })

  it('is the plain split where all keys differ, or all are one', () => {
    const different = Array.from({ length: 100 }, (_, n) => n)
    expect(splitGroups(different, 0.2, 7)).toEqual(splitRows(100, 0.2, 7))
    expect(splitGroups([5, 5, 5, 5], 0.5, 7)).toEqual(splitRows(4, 0.5, 7))
  })
})

describe('findLeaks', () => {
  it('names the validation rows that training knows', () => {
    expect(findLeaks([1, 2, 3], [4, 2, 5, 1])).toEqual([1, 3])
    expect(findLeaks([], [1])).toEqual([])
  })
})
