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
  const [exact, near] = [createHash(), createHash()]
  let kept = 0
  let prompt: number | undefined
  for (const { speaker, text, isPrompt } of sections) {
    addBorder(exact, speaker)
    addBorder(near, speaker)
    kept += addText(exact, near, text)
    // What is asked comes first, so that its key is how far the row's own has come by then.
    if (isPrompt && kept > 0) prompt = valueOf(near)
  }
  return { exact: valueOf(exact), near: kept > 0 ? valueOf(near) : undefined, prompt }
}

/** Two multiplicative hashes of 32 bits side by side, of which 53 bits are kept: what a number holds exactly. */
interface Hash {
  a: number
  b: number
}

const createHash = (): Hash => ({ a: 0x811c9dc5, b: 0x9747b28c })
const nextA = (a: number, unit: number): number => Math.imul(a ^ unit, 0x01000193)
const nextB = (b: number, unit: number): number => Math.imul((b << 13) | (b >>> 19), 5) ^ Math.imul(unit, 0xcc9e2d51)

/**
 * Adds a text to one hash whole, and to the other folded. Returns how many units of it the other took. Each letter of a
 * large file comes through here, so the state is kept in variables.
 */
function addText(exact: Hash, near: Hash, text: string): number {
  let [a, b] = [exact.a, exact.b]
  let [c, d] = [near.a, near.b]
  let kept = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = nextA(a, unit)
    b = nextB(b, unit)
    const folded = foldUnit(unit, text, at)
    if (folded === 0) continue
    c = nextA(c, folded)
    d = nextB(d, folded)
    kept++
  }
  exact.a = a
  exact.b = b
  near.a = c
  near.b = d
  return kept
}

/** Beyond every UTF-16 unit, so that no text can imitate it. */
function addBorder(hash: Hash, name: string): void {
  addUnit(hash, 0x10000)
  for (let at = 0; at < name.length; at++) addUnit(hash, 0x10001 + name.charCodeAt(at))
}

function addUnit(hash: Hash, unit: number): void {
  hash.a = nextA(hash.a, unit)
  hash.b = nextB(hash.b, unit)
}

function valueOf({ a, b }: Hash): number {
  return (spread(a ^ spread(b)) >>> 0) * 2 ** 21 + (spread(b ^ a) >>> 11)
}

function spread(value: number): number {
  const h = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  const g = Math.imul(h ^ (h >>> 15), 0x846ca68b)
  return g ^ (g >>> 16)
}
