import { createRng, deriveSeed } from '../../rng'
import { splitRows, type RowSplit } from './split-rows'
import { shuffledIndices } from './shuffle'

/**
 * Like {@link splitRows}, but rows with the same key stay on one side. The same keys and seed give the same split; where
 * no two keys are equal it is that of `splitRows`. Validation may come out a little smaller than wanted, never larger,
 * save that it gets the smallest group where none fits; where all rows are one group they are split row by row.
 */
export function splitGroups(keys: ArrayLike<number>, share: number, seed: number): RowSplit {
  const plain = splitRows(keys.length, share, seed)
  const wanted = plain.validation.length
  const groups = groupRows(keys)
  if (wanted === 0 || groups.size < 2 || groups.size === keys.length) return plain
  const chosen = chooseGroups(keys, groups, wanted, seed)
  const split: { train: number[]; validation: number[] } = { train: [], validation: [] }
  for (let row = 0; row < keys.length; row++) split[chosen.has(keys[row] ?? NaN) ? 'validation' : 'train'].push(row)
  return split
}

function groupRows(keys: ArrayLike<number>): Map<number, number> {
  const sizes = new Map<number, number>()
  for (let row = 0; row < keys.length; row++) sizes.set(keys[row] ?? NaN, (sizes.get(keys[row] ?? NaN) ?? 0) + 1)
  return sizes
}

/** Walks the rows in the order in which `splitRows` takes them and takes whole groups as long as they fit. */
function chooseGroups(
  keys: ArrayLike<number>,
  sizes: ReadonlyMap<number, number>,
  wanted: number,
  seed: number,
): Set<number> {
  const chosen = new Set<number>()
  let left = wanted
  for (const row of shuffledIndices(keys.length, createRng(deriveSeed(seed, 'validation split')))) {
    const key = keys[row] ?? NaN
    const size = sizes.get(key) ?? 0
    if (size > left || chosen.has(key)) continue
    chosen.add(key)
    left -= size
    if (left === 0) break
  }
  if (chosen.size > 0) return chosen
  const [smallest] = [...sizes].reduce((best, group) => (group[1] < best[1] ? group : best))
  return new Set([smallest])
}
