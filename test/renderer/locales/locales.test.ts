import { describe, expect, it } from 'vitest'
import { firstLocale, i18n } from '../../../renderer/locales'
import { en } from '../../../renderer/locales/en'
import { zh } from '../../../renderer/locales/zh'

type Tree = { readonly [key: string]: string | Tree }

function flatten(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flatten(value, `${prefix}${key}.`),
  )
}
const holes = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

const english = new Map(flatten(en))
const chinese = new Map(flatten(zh))
const sources = Object.values(
  import.meta.glob<string>('../../../renderer/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true }),
).join('\n')

describe('the words', () => {
  it('fill the same holes in both languages', () => {
    for (const [key, text] of english) expect([key, holes(chinese.get(key) ?? '')]).toEqual([key, holes(text)])
  })
  it('are all there: every message that a component names', () => {
    const named = [...sources.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter((key) => !english.has(key))).toEqual([])
  })
  it('are all used: none is left from an older screen', () => {
    const families = [...sources.matchAll(/\bte?\(\s*`([\w.-]+)\$\{/g), ...sources.matchAll(/= `([\w.-]+)\$\{/g)]
    const prefixes = families.map((match) => match[1] ?? '')
    const unused = [...english.keys()].filter(
      (key) => !sources.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
    )
    expect(unused).toEqual([])
  })
  it('can be said without compiling code', () => {
    const evaluate = globalThis.Function
    try {
      globalThis.Function = (() => {
        throw new Error('the page forbids eval')
      }) as unknown as FunctionConstructor
      expect(i18n.global.t('run.step', { step: 3, steps: 60 })).toBe('Step 3 of 60')
      expect(i18n.global.t('data.problems', { count: 1 }, 1)).toBe('1 row cannot be used')
      expect(i18n.global.t('data.problems', { count: 2 }, 2)).toBe('2 rows cannot be used')
    } finally {
      globalThis.Function = evaluate
    }
  })
})

describe('the first language', () => {
  it('is the one chosen last, else the first that the browser prefers', () => {
    expect(firstLocale('zh', ['en-GB'])).toBe('zh')
    expect(firstLocale(null, ['fr-FR', 'zh-TW', 'en'])).toBe('zh')
    expect(firstLocale('xx', ['en-US', 'zh'])).toBe('en')
    expect(firstLocale(null, [])).toBe('en')
  })
})
