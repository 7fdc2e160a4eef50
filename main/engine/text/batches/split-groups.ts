import { createRng, deriveSeed } from '../../rng'
import { tally, type Tally } from '../duplicates/tally'
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
  const groups = tally(keys)
  if (wanted === 0 || groups.distinct < 2 || groups.distinct === keys.length) return plain
  const chosen = chooseGroups(keys, groups, wanted, seed)
  const split: { train: number[]; validation: number[] } = { train: [], validation: [] }
  for (let row = 0; row < keys.length; row++) split[chosen.has(keys[row] as number) ? 'validation' : 'train'].push(row)
  return split
}

/** Walks the rows in the order in which `splitRows` takes them and takes whole groups as long as they fit. */
function chooseGroups(keys: ArrayLike<number>, groups: Tally, wanted: number, seed: number): Set<number> {
  const chosen = new Set<number>()
  let left = wanted
  for (const row of shuffledIndices(keys.length, createRng(deriveSeed(seed, 'validation split')))) {
    const key = keys[row] as number
    const size = groups.count(key)
    if (size > left || chosen.has(key)) continue
    chosen.add(key)
    left -= size
    if (left === 0) break
  }
  if (chosen.size > 0) return chosen
  let smallest: readonly [key: number, size: number] = [NaN, Infinity]
  for (const group of groups.entries()) if (group[1] < smallest[1]) smallest = group
  return new Set([smallest[0]])
}
