export type Utf16 = 'UTF-16LE' | 'UTF-16BE'

/** Controls other than tab and line breaks, characters that are not assigned or private, halves of surrogate pairs. */
const noText = /[^\P{Cc}\t\n\r\u0085]|[\p{Cn}\p{Co}\p{Cs}]/u

/**
 * The byte order of UTF-16 text without a mark, or undefined where the bytes are no such text. Line breaks, blanks and
 * punctuation are ASCII in every language, so the right order has more of it.
 */
export function utf16Without(head: Uint8Array): Utf16 | undefined {
  const even = Buffer.from(head.subarray(0, head.length - (head.length % 2)))
  const little = score(even.toString('utf16le'))
  const big = score(even.swap16().toString('utf16le'))
  if (Math.max(little, big) === 0) return undefined
  return little >= big ? 'UTF-16LE' : 'UTF-16BE'
}

/** The number of ASCII characters of a text that holds nothing but text, else 0. */
function score(text: string): number {
  // The last character may be cut off in the middle of a surrogate pair.
  const whole = text.replace(/[\ud800-\udbff]$/, '')
  if (noText.test(whole)) return 0
  let ascii = 0
  for (let at = 0; at < whole.length; at++) if (whole.charCodeAt(at) < 0x80) ascii++
  return ascii
}
