import { describe, expect, it } from 'vitest'
import {
  certificateText,
  certify,
  coarsest,
  compare,
  compareReading,
  record,
  usualConversations,
  type Speaker,
} from '../../../main/engine/export'
import { createBuiltInTemplate, createChatTemplate, loadTokenizer } from '../../../main/engine/text'
import { folderFiles } from '../../helpers/folder-files'

const VOCABULARY = 50

/** A speaker whose scores are a function of all ids so far, one of them far above; each changed by `change`. */
const speaker = (change: (score: number, id: number) => number = (score) => score): Speaker => ({
  async begin() {
    const seen: number[] = []
    return async (ids) => {
      seen.push(...ids)
      const seed = seen.reduce((sum, id, i) => sum + id * (i + 1), 1)
      return Float32Array.from({ length: VOCABULARY }, (_, id) =>
        change(Math.sin(seed * (id + 1)) + (id === seed % VOCABULARY ? 4 : 0), id),
      )
    }
  },
})
const prompts = [
  [1, 2, 3],
  [7, 7],
]

const facts = async (other: Speaker, type: 'F32' | 'Q8_0' = 'F32') => ({
  format: 'gguf' as const,
  type,
  run: { id: 'r', step: 3, software: 'Graft Studio' },
  prompts: { count: prompts.length, from: 'held-out rows' as const },
  comparison: await compare(await record(speaker(), prompts), other),
  reading: { conversations: 3, same: 3 },
})

describe('a comparison', () => {
  it('of a model with itself finds nothing', async () => {
    const { comparison } = await facts(speaker())
    expect(comparison).toMatchObject({ positions: 24, largestDifference: 0, agreeing: 24 })
    expect(comparison.spread).toBeGreaterThan(0.5)
  })

  it('goes along the texts of the trained model, whatever the other would say', async () => {
    // Every token's score mirrored: the other would never say what was said, and is asked about it all the same.
    const { comparison } = await facts(speaker((score) => -score))
    expect(comparison.positions).toBe(24)
    expect(comparison.largestDifference).toBeGreaterThan(1.9)
    expect(comparison.agreeing).toBe(0)
  })

  it('takes what is no number for the largest difference there is', async () => {
    expect((await facts(speaker((score, id) => (id === 9 ? NaN : score)))).comparison.largestDifference).toBe(Infinity)
  })
})

describe('a certificate', () => {
  it('passes what differs by no more than its type rounds', async () => {
    const slight = speaker((score, id) => score + (id % 2 ? 0.01 : -0.01))
    expect(certify(await facts(slight, 'Q8_0'))).toMatchObject({ verdict: 'passed', failures: [] })
    expect(certify(await facts(slight))).toMatchObject({
      verdict: 'failed',
      failures: expect.arrayContaining([
        expect.stringMatching(/^logits differ by up to 0\.01, expected at most 0\.00/),
      ]),
    })
  })

  it('fails where texts are read otherwise', async () => {
    const { failures } = certify({ ...(await facts(speaker())), reading: { conversations: 3, same: 1 } })
    expect(failures).toEqual(['2 of 3 conversations are written or read otherwise'])
  })

  it('says in words what it found', async () => {
    const text = certificateText(certify(await facts(speaker())))
    expect(text).toContain('say what the trained model says')
    expect(text).toContain('| same likeliest token | 24 of 24 | at least 23 |')
    const adapter = certificateText(certify({ ...(await facts(speaker())), reading: undefined }))
    expect(adapter).toContain('no tokenizer of its own')
  })

  it('judges a file of several types by the one that rounds most', () => {
    expect(coarsest(['F32', 'Q8_0', 'F16'])).toBe('Q8_0')
    expect(coarsest([])).toBe('F32')
  })
})

describe('reading', async () => {
  const tokenizer = await loadTokenizer(folderFiles('resources/starter'))
  const template = createBuiltInTemplate(tokenizer)
  const own = { tokenizer, template }
  const withTemplate = (source: string) => ({
    tokenizer,
    template: createChatTemplate(source, 'built-in', tokenizer, {}),
  })

  it('is the same with the same template, a refusal included', () => {
    expect(compareReading(own, own, usualConversations)).toEqual({ conversations: 3, same: 3 })
    const strict = withTemplate(
      "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}{{ m['content'] }}{% endfor %}",
    )
    expect(compareReading(strict, strict, usualConversations)).toEqual({ conversations: 3, same: 3 })
    expect(compareReading(own, strict, usualConversations).same).toBe(0)
  })

  it('differs by a single blank', () => {
    const other = withTemplate(template.source.replace("'\\n' + message['content']", "'\\n ' + message['content']"))
    expect(compareReading(own, other, usualConversations).same).toBe(0)
  })
})
