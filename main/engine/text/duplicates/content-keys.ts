import type { RowContent } from '../records/row-content'
import { foldUnit } from './fold-unit'

/** A row as three numbers of 53 bits: rows with equal numbers say the same (but for one chance in 10^15 or so). */
export interface ContentKeys {
  /** All of the row, letter by letter. */
  readonly exact: number
  /** All of it without case, blanks and punctuation; undefined where nothing else is left. */
  readonly near: number | undefined
  /** What is asked (everything before the last answer), in the same way; of plain text all of it. */
  readonly prompt: number | undefined
}

interface Section {
  /** Who says it: the same words from another mouth are another row. */
  readonly speaker: string
  readonly text: string
  readonly isPrompt: boolean
}

export function contentKeys(content: RowContent): ContentKeys {
  return sectionKeys(sectionsOf(content))
}

/** The keys of a row of which only the text is known. */
export function textKeys(text: string): ContentKeys {
  return sectionKeys([{ speaker: '', text, isPrompt: true }])
}

function sectionsOf(content: RowContent): readonly Section[] {
  if (content.kind === 'text') return [{ speaker: '', text: content.text, isPrompt: true }]
  if (content.kind === 'completion') {
    const { prompt, completion } = content
    return [
      { speaker: 'p', text: prompt, isPrompt: true },
      { speaker: 'c', text: completion, isPrompt: false },
    ]
  }
  const last = content.messages.findLastIndex(({ role }) => role === 'assistant')
  return content.messages.map(({ role, content: text }, index) => ({ speaker: role, text, isPrompt: index < last }))
}

function sectionKeys(sections: readonly Section[]): ContentKeys {
  const [exact, near, prompt] = [createHash(), createHash(), createHash()]
  let [kept, keptOfPrompt] = [0, 0]
  for (const { speaker, text, isPrompt } of sections) {
    for (const hash of isPrompt ? [exact, near, prompt] : [exact, near]) hash.border(speaker)
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      exact.add(unit)
      const folded = foldUnit(unit, text, at)
      if (folded === 0) continue
      near.add(folded)
      kept++
      if (!isPrompt) continue
      prompt.add(folded)
      keptOfPrompt++
    }
  }
  return {
    exact: exact.value(),
    near: kept > 0 ? near.value() : undefined,
    prompt: keptOfPrompt > 0 ? prompt.value() : undefined,
  }
}

/** Two multiplicative hashes of 32 bits side by side, of which 53 bits are kept: what a number holds exactly. */
function createHash() {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  const add = (unit: number): void => {
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul((b << 13) | (b >>> 19), 5) ^ Math.imul(unit, 0xcc9e2d51)
  }
  return {
    add,
    /** Beyond every UTF-16 unit, so that no text can imitate it. */
    border(name: string): void {
      add(0x10000)
      for (let at = 0; at < name.length; at++) add(0x10001 + name.charCodeAt(at))
    },
    value: (): number => (spread(a ^ spread(b)) >>> 0) * 2 ** 21 + (spread(b ^ a) >>> 11),
  }
}

function spread(value: number): number {
  const h = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  const g = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return g ^ (g >>> 16)
}
