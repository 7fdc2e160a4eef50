import { GraftError } from '../../../engine/errors'
import { seemsGb18030 } from './gb18030'
import { utf16Without, type Utf16 } from './utf16'

export interface DetectedEncoding {
  /** A name that iconv-lite knows. */
  readonly name: 'UTF-8' | 'GB18030' | Utf16 | (string & {})
  /** Which other encoding a file that is not all UTF-8 may be in: for a person to decide, not for us to assume. */
  readonly maybe?: string
}

/** Byte order marks; UTF-32 comes first because UTF-16's mark begins like it. */
const marks: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: 'UTF-32', bytes: [0xff, 0xfe, 0, 0] },
  { name: 'UTF-8', bytes: [0xef, 0xbb, 0xbf] },
  { name: 'UTF-16LE', bytes: [0xff, 0xfe] },
  { name: 'UTF-16BE', bytes: [0xfe, 0xff] },
]

/**
 * Tells how the text of a file is encoded from its first bytes.
 *
 * Only what can be told for sure is decoded: a byte order mark, UTF-16's zero bytes, Chinese text that is whole and
 * common as GB18030. Everything else is read as UTF-8, which notices every byte that is not, so that a wrong guess can
 * cost rows but never garble one.
 */
export async function detectEncoding(head: Uint8Array): Promise<DetectedEncoding> {
  const mark = marks.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (mark !== undefined) return { name: mark.name }
  const utf16 = head.includes(0) ? utf16Without(head) : undefined
  if (utf16 !== undefined) return { name: utf16 }
  const { valid, invalid } = utf8Evidence(head)
  if (invalid === 0 || valid > invalid) return { name: 'UTF-8' }
  const { analyse } = await import('chardet')
  if (seemsGb18030(head, analyse)) return { name: 'GB18030' }
  const maybe = analyse(head.subarray(0, 1 << 16)).find(({ name }) => !name.startsWith('UTF'))?.name
  return { name: 'UTF-8', ...(maybe !== undefined && { maybe }) }
}

/** The encoding that a person names. Throws `invalid-argument` for one that is not known. */
export async function namedEncoding(name: string): Promise<DetectedEncoding> {
  const { default: iconv } = await import('iconv-lite')
  if (iconv.encodingExists(name)) return { name: /^utf-?8$/i.test(name) ? 'UTF-8' : name.toUpperCase() }
  const message = `encoding: expected a name such as UTF-8, GB18030 or windows-1252, got "${name}"; choose a known one`
  throw new GraftError('invalid-argument', message, { encoding: name })
}

/** Characters of several bytes, and bytes that belong to none; a character cut off at the end counts as neither. */
function utf8Evidence(bytes: Uint8Array): { readonly valid: number; readonly invalid: number } {
  let valid = 0
  let invalid = 0
  for (let at = 0; at < bytes.length; at++) {
    const first = bytes[at] ?? 0
    if (first < 0x80) continue
    const more =
      first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0
    let follow = 0
    while (follow < more && ((bytes[at + follow + 1] ?? 0) & 0xc0) === 0x80) follow++
    if (more > 0 && follow === more) valid++
    else if (more === 0 || at + follow + 1 < bytes.length) invalid++
    at += follow
  }
  return { valid, invalid }
}
