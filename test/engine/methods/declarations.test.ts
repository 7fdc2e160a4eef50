import { describe, expect, test } from 'vitest'
import { methodInfos, resolveValues } from '../../../main/engine/methods'
import type { MethodInfo, Text } from '../../../main/engine/nn'
import { exportFormatSchema } from '../../../preload/contract'

const isText = (value: unknown): value is Text => typeof value === 'object' && value !== null && 'en' in value

/** Every text of a declaration with the way to it. */
function textsOf(value: unknown, path = ''): [string, Text][] {
  if (isText(value)) return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => textsOf(part, `${path}.${name}`))
}
/** Names that stay as they are in Chinese. */
const mayBeLatin = /\.(name|label)$|\.choiceLabels\./
const hanzi = /\p{Script=Han}/u

describe.each(methodInfos.map((info): [string, MethodInfo] => [info.id, info]))('%s', (_, info) => {
  test('says everything in both languages', () => {
    const texts = textsOf(info)
    expect(texts.length).toBeGreaterThan(12)
    for (const [path, { en, zh }] of texts) {
      expect(en, path).toMatch(/^\S[^]*\S$|^\S$/)
      expect(hanzi.test(en), `${path}: ${en}`).toBe(false)
      expect(hanzi.test(zh) || (mayBeLatin.test(path) && zh !== ''), `${path}: ${zh}`).toBe(true)
    }
  })

  test('leaves no list empty', () => {
    const { papers, places, memory, steps, strengths, weaknesses, exports, tasks } = info
    for (const list of [papers, places, memory, steps, strengths, weaknesses, exports, tasks])
      expect(list.length).toBeGreaterThan(0)
    for (const { url } of papers) expect(url).toMatch(/^https:\/\//)
    for (const format of exports) expect(exportFormatSchema.options).toContain(format)
  })

  test('has defaults that it takes, and that are usual', () => {
    expect(() => resolveValues(info, {})).not.toThrow()
    for (const { default: value, usual, min = -Infinity, max = Infinity } of info.parameters.filter((p) => p.usual)) {
      expect(value).toBeGreaterThanOrEqual(usual?.low as number)
      expect(value).toBeLessThanOrEqual(usual?.high as number)
      expect([min <= (usual?.low as number), (usual?.high as number) <= max]).toEqual([true, true])
    }
    const { low, default: rate, high } = info.learningRate
    expect([low < rate, rate < high]).toEqual([true, true])
  })

  test('shows each parameter only with values that there are', () => {
    const { parameters } = info
    for (const { name, when, choices, choiceLabels = {} } of parameters) {
      for (const choice of Object.keys(choiceLabels)) expect(choices, name).toContain(choice)
      if (!when) continue
      const other = parameters.find((parameter) => parameter.name === when.parameter)
      expect(typeof other?.default, name).toBe(typeof when.is)
      if (other?.choices) expect(other.choices).toContain(when.is)
    }
  })

  test('is plain data', () => {
    expect(JSON.parse(JSON.stringify(info))).toEqual(info)
  })
})
