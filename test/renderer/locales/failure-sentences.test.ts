import { describe, expect, it } from 'vitest'
import { fillSentence } from '../../../renderer/lib/failure'
import { en } from '../../../renderer/locales/en'
import { failureSentences } from '../../../renderer/locales/failure-sentences'
import { problemSentences } from '../../../renderer/locales/problem-sentences'

describe('a sentence of a failure', () => {
  it('is filled from what the failure tells', () => {
    expect(fillSentence('“{path}” 处没有模型。', { path: '/m' })).toBe('“/m” 处没有模型。')
    expect(fillSentence('{problems} 个问题', { problems: 0 })).toBe('0 个问题')
    expect(fillSentence('没有洞', {})).toBe('没有洞')
  })
  it('is not said where a part of it is not told', () => {
    expect(fillSentence('{file} {line}', { file: 'a' })).toBeUndefined()
    expect(fillSentence('{file}', { file: { name: 'a' } })).toBeUndefined()
  })
})

describe('the sentences of a language', () => {
  const ofRows = Object.entries(problemSentences.zh ?? {})
  const chinese = Object.entries(failureSentences.zh ?? {})

  it('are there for every failure that has a heading', () => {
    const headed = Object.keys(en.failure).filter((key) => key.includes('-') && !/-(text|advice)$/.test(key))
    const said = new Set([...chinese.map(([code]) => code), ...headed.filter((key) => `${key}-advice` in en.failure)])
    expect(headed.filter((code) => !said.has(code))).toEqual([])
  })
  it('end with one that can always be said', () => {
    for (const [code, sentences] of [...chinese, ...ofRows])
      expect([code, sentences.at(-1)?.what]).not.toEqual([code, expect.stringContaining('{')])
  })
})
