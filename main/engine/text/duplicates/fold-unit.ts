/** For each UTF-16 unit the one that stands for it, 0 for what does not count, `mark` for punctuation before digits. */
let table: Uint16Array | undefined

/** Punctuation that counts only before a digit: -5 is not 5 and 3.14 is not 314. U+FFFF is no character. */
const mark = 0xffff

/**
 * A UTF-16 unit of a text as comparisons see it: without case and width; 0 where it does not count at all, which is the
 * case of blanks, controls and punctuation, save a mark before a digit and the signs of arithmetic.
 */
export function foldUnit(unit: number, text: string, at: number): number {
  table ??= createTable()
  const folded = table[unit] ?? unit
  if (folded !== mark) return folded
  const next = text.charCodeAt(at + 1)
  return next >= 0x30 && next <= 0x39 ? unit : 0
}

function createTable(): Uint16Array {
  const entries = new Uint16Array(0x10000)
  for (let unit = 0; unit < entries.length; unit++) entries[unit] = foldAlone(unit)
  return entries
}

const arithmetic = new Set([...'*/%^'].map((sign) => sign.charCodeAt(0)))

function foldAlone(unit: number): number {
  // Halves of surrogate pairs stand for themselves.
  if (unit >= 0xd800 && unit <= 0xdfff) return unit
  const plain = String.fromCharCode(unit).normalize('NFKC').toLowerCase()
  if (arithmetic.has(plain.charCodeAt(0))) return plain.charCodeAt(0)
  if (/^[\s\p{Z}\p{C}\p{M}]*$/u.test(plain)) return /^\p{M}/u.test(plain) ? unit : 0
  if (/^\p{P}/u.test(plain)) return mark
  return plain.length === 1 ? plain.charCodeAt(0) : unit
}
