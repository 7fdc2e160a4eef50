/** At 8 bytes a place and at most 70 % full: 11 million numbers in 128 MB. */
const maxPlaces = 1 << 24
const fill = 0.7

export interface NumberSet {
  /** Whether the number is new; numbers beyond the set's bound are always new. */
  add(value: number): boolean
}

/**
 * A set of hashes (whole numbers from 0) whose memory is bounded, unlike a JavaScript set's, which costs five times as
 * much and ends the process with an error at 16 million entries. A full set knows what is in it and takes nothing more.
 */
export function numberSet(places = 1 << 12, limit = maxPlaces): NumberSet {
  // 0 marks a free place, so that values are kept one higher.
  let table = new Float64Array(places)
  let size = 0

  function place(into: Float64Array, value: number): number {
    const mask = into.length - 1
    let at = (value % 0x100000000) & mask
    while (into[at] !== 0 && into[at] !== value + 1) at = (at + 1) & mask
    return at
  }
  function grow(): void {
    const larger = new Float64Array(table.length * 2)
    for (const kept of table) if (kept !== 0) larger[place(larger, kept - 1)] = kept
    table = larger
  }
  return {
    add(value) {
      if (size >= table.length * fill && table.length < limit) grow()
      const at = place(table, value)
      if (table[at] !== 0) return false
      if (size >= table.length * fill) return true
      table[at] = value + 1
      size++
      return true
    },
  }
}
