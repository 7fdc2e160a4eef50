import type { Dataset } from '../../../preload/contract'
import type { ContentKeys } from '../../engine/text'
import { numberSet } from './number-set'

export type Duplicates = NonNullable<Dataset['duplicates']>

/** Counts rows that repeat an earlier one: word for word, or but for case, blanks and punctuation. */
export function duplicateCount() {
  const exactKeys = numberSet()
  const nearKeys = numberSet()
  let [exact, near] = [0, 0]
  return {
    add(keys: ContentKeys): void {
      const isNear = keys.near !== undefined && !nearKeys.add(keys.near)
      if (!exactKeys.add(keys.exact)) exact++
      else if (isNear) near++
    },
    found: (): Duplicates => ({ exact, near }),
  }
}
