/** Edits (a letter more, less, other, or two swapped) that lead from one name to the other. */
function editDistance(a: string, b: string): number {
  let rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const [above = [], twoAbove = []] = [rows.at(-1), rows.at(-2)]
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const at = (list: readonly number[], column: number): number => list[column] ?? Infinity
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        at(above, j) + 1,
        at(row, j - 1) + 1,
        at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
        isSwap ? at(twoAbove, j - 2) + 1 : Infinity,
      )
    }
    rows = [above, row]
  }
  return rows.at(-1)?.[b.length] ?? Infinity
}

/** `learningRate` and `learning-rate` are one name to a person. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The known name that was probably meant, or undefined where none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name)
  const ranked = [...known].map((each) => ({ each, distance: editDistance(wanted, plain(each)) }))
  const best = ranked.sort((a, b) => a.distance - b.distance)[0]
  return best && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.each : undefined
}
