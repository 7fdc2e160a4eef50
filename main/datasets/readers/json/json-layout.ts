import { skipSpace } from './json-check'
import { placeOf, type Place } from './emit-object'
import type { FileHead } from '../row-reader'

/** How the rows lie in a JSON file: in one list, or one after the other. */
export type JsonLayout =
  /** `start` is the place of the list's opening bracket; `field` is the field that holds it, where one does. */
  { readonly kind: 'list'; readonly start: Place; readonly field?: string } | { readonly kind: 'objects' }

/** Lists of objects with these names belong to a row: a file of one such object is a file of one row. */
const rowFields = new Set([
  'messages',
  'conversations',
  'prompt',
  'completion',
  'history',
  'tools',
  'chosen',
  'rejected',
])
const listFields = ['data', 'rows', 'examples', 'train', 'items', 'records', 'instances', 'samples']

const tokenPattern = /"(?:[^"\\]|\\.)*(?:"|$)|[{}[\]:]/gs

interface ListField {
  readonly field: string
  readonly offset: number
}

interface Outline {
  /** The fields of the first object that hold lists of objects. */
  readonly lists: readonly ListField[]
  /** Where the first object ends, -1 where the head ends before. */
  readonly end: number
}

/** Finds out from the start of a JSON file where its rows are. */
export function jsonLayout({ text, whole }: FileHead): JsonLayout {
  const first = skipSpace(text, 0)
  if (text[first] === '[') return { kind: 'list', start: placeOf(text, first, { line: 1, column: 1 }) }
  if (text[first] !== '{') return { kind: 'objects' }
  const { lists, end } = outline(text, first)
  const alone = end < 0 || (whole && skipSpace(text, end) >= text.length)
  const candidates = lists.filter(({ field }) => !rowFields.has(field))
  // A first object that is longer than the whole head cannot be a row among others.
  const chosen = pick(candidates.length === 0 && end < 0 && !whole ? lists : candidates)
  if (!alone || chosen === undefined) return { kind: 'objects' }
  return { kind: 'list', field: chosen.field, start: placeOf(text, chosen.offset, { line: 1, column: 1 }) }
}

function pick(lists: readonly ListField[]): ListField | undefined {
  return lists.find(({ field }) => listFields.includes(field)) ?? lists[0]
}

function outline(text: string, from: number): Outline {
  const lists: ListField[] = []
  let depth = 0
  let name = ''
  let field: string | undefined
  tokenPattern.lastIndex = from
  for (let match = tokenPattern.exec(text); match !== null; match = tokenPattern.exec(text)) {
    const [token] = match
    if (token === '{' || token === '[') {
      depth++
      if (token === '[' && depth === 2 && field !== undefined && text[skipSpace(text, match.index + 1)] === '{')
        lists.push({ field, offset: match.index })
    } else if (token === '}' || token === ']') {
      if (--depth === 0) return { lists, end: match.index + 1 }
    } else if (depth === 1) {
      field = token === ':' ? name : undefined
      name = token === ':' ? '' : token.slice(1, -1)
    }
  }
  return { lists, end: -1 }
}
