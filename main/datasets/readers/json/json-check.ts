/** A place in a JSON text where it is wrong. */
export interface JsonFault {
  /** Characters from the start of the text. */
  readonly offset: number
  readonly code: 'json-syntax' | 'not-an-object' | 'duplicate-key' | 'too-deep'
  readonly message: string
  /** The field of the outermost object in which it is. */
  readonly field?: string
}

export interface JsonField {
  readonly name: string
  /** Where its value stands in the text. */
  readonly start: number
  readonly end: number
}

export type ObjectCheck =
  { readonly fields: readonly JsonField[]; readonly fault?: never } | { readonly fault: JsonFault }

interface Scan {
  readonly text: string
  readonly fields: JsonField[]
  depth: number
  field: string | undefined
  fault: JsonFault | undefined
}

/** Objects and lists within each other; rows of real datasets stay under ten. */
export const maxDepth = 200

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const wordPattern = /[A-Za-z_'][A-Za-z_]*/y
const literals = new Set(['true', 'false', 'null'])
const failed = -1

/**
 * Checks that a text is one JSON object and says where it is not. Reads by RFC 8259, and beyond it refuses an object
 * that names a field twice: which of the two values is meant nobody can know.
 */
export function checkObject(text: string): ObjectCheck {
  const scan: Scan = { text, fields: [], depth: 0, field: undefined, fault: undefined }
  const start = skipSpace(text, 0)
  let at = scanValue(scan, start)
  if (at !== failed && text[start] !== '{')
    at = fail(scan, start, 'not-an-object', `expected an object { … }, got ${kindOf(text[start])}`)
  if (at !== failed && (at = skipSpace(text, at)) < text.length) {
    const hint = text[at] === ',' ? '; write one object a line, with no comma after it' : ''
    fail(scan, at, 'json-syntax', `expected the row to end after its object, got ${shown(text, at)}${hint}`)
  }
  return scan.fault === undefined ? { fields: scan.fields } : { fault: scan.fault }
}

export function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

/** JSON's four kinds of white space. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}

/** Each scanner takes the place where its value starts and returns the place after it, or `failed`. */
function scanValue(scan: Scan, at: number): number {
  const first = scan.text[at]
  if (first === '{') return scanContainer(scan, at, '}', scanMember)
  if (first === '[') return scanContainer(scan, at, ']', scanValue)
  if (first === '"') return scanString(scan, at)
  const number = matchAt(numberPattern, scan.text, at)
  if (number !== '') return at + number.length
  return scanWord(scan, at)
}

function scanWord(scan: Scan, at: number): number {
  const word = matchAt(wordPattern, scan.text, at)
  if (literals.has(word)) return at + word.length
  return expected(scan, at, 'a value')
}

type ScanItem = (scan: Scan, at: number, names: Set<string>) => number

function scanContainer(scan: Scan, open: number, close: string, scanItem: ScanItem): number {
  if (++scan.depth > maxDepth) return fail(scan, open, 'too-deep', `nested deeper than ${maxDepth} levels`)
  const names = new Set<string>()
  let at = skipSpace(scan.text, open + 1)
  if (scan.text[at] !== close) {
    for (;;) {
      at = scanItem(scan, at, names)
      if (at === failed) return failed
      at = skipSpace(scan.text, at)
      if (scan.text[at] !== ',') break
      at = skipSpace(scan.text, at + 1)
    }
    if (scan.text[at] !== close) return expected(scan, at, `"," or "${close}"`)
  }
  scan.depth--
  return at + 1
}

function scanMember(scan: Scan, at: number, names: Set<string>): number {
  if (scan.text[at] !== '"') return expected(scan, at, 'a field name in double quotes')
  const nameEnd = scanString(scan, at)
  if (nameEnd === failed) return failed
  const name = JSON.parse(scan.text.slice(at, nameEnd)) as string
  if (scan.depth === 1) scan.field = name
  if (names.has(name)) return fail(scan, at, 'duplicate-key', `the field "${name}" is there twice in one object`)
  names.add(name)
  const colon = skipSpace(scan.text, nameEnd)
  if (scan.text[colon] !== ':') return expected(scan, colon, `":" after the field name "${name}"`)
  const start = skipSpace(scan.text, colon + 1)
  const end = scanValue(scan, start)
  if (scan.depth === 1 && end !== failed) scan.fields.push({ name, start, end })
  return end
}

function scanString(scan: Scan, open: number): number {
  const { text } = scan
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) return at + 1
    if (code === 92) {
      const length = escapeLength(text, at)
      if (length === 0) return fail(scan, at, 'json-syntax', `unknown escape ${shown(text, at + 1)} after "\\"`)
      at += length - 1
    } else if (code < 32) {
      return fail(scan, at, 'json-syntax', controlMessage(code))
    }
  }
  return fail(scan, text.length, 'json-syntax', 'the row ends inside a text; a closing quote is missing')
}

function controlMessage(code: number): string {
  if (code === 10 || code === 13)
    return 'a line break inside a text; a closing quote is missing, or the break must be written as \\n'
  return `a control character (${code}) inside a text; write it as \\u${code.toString(16).padStart(4, '0')}`
}

/** The length of an escape sequence, 0 where there is no such escape. */
function escapeLength(text: string, at: number): number {
  const kind = text[at + 1] ?? ''
  if (kind === 'u') return /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6)) ? 6 : 0
  return kind !== '' && '"\\/bfnrt'.includes(kind) ? 2 : 0
}

function expected(scan: Scan, at: number, what: string): number {
  return fail(scan, at, 'json-syntax', `expected ${what}, got ${shown(scan.text, at)}${wordHint(scan.text, at)}`)
}

function fail(scan: Scan, offset: number, code: JsonFault['code'], message: string): number {
  scan.fault = { offset, code, message, ...(scan.field !== undefined && { field: scan.field }) }
  return failed
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function shown(text: string, at: number): string {
  if (at >= text.length) return 'the end of the row'
  const word = matchAt(wordPattern, text, at).slice(0, 20)
  return JSON.stringify(word.length > 1 ? word : String.fromCodePoint(text.codePointAt(at) ?? 0))
}

/** What other languages write where JSON has another word. */
const hints: ReadonlyMap<string, string> = new Map([
  ['NaN', 'JSON has no NaN; write null'],
  ['Infinity', 'JSON has no infinity; write null'],
  ['None', 'write null'],
  ['True', 'write true'],
  ['False', 'write false'],
  ['undefined', 'write null'],
])

function wordHint(text: string, at: number): string {
  if (text[at] === "'") return '; JSON wants double quotes'
  const hint = hints.get(matchAt(wordPattern, text, at))
  return hint === undefined ? '' : `; ${hint}`
}

function kindOf(first: string | undefined): string {
  if (first === '[') return 'a list'
  if (first === '"') return 'a text'
  return first === 't' || first === 'f' ? 'a truth value' : first === 'n' ? 'null' : 'a number'
}
