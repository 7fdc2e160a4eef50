import { GraftError } from '../errors'
import { elementCount } from '../tensor'

/** The array to fill: a given one of the right length, or a new one. @throws GraftError 'shape-mismatch' */
export function checkTarget(where: string, target: Float32Array | undefined, length: number): Float32Array {
  if (!target) return new Float32Array(length)
  if (target.length === length) return target
  throw new GraftError(
    'shape-mismatch',
    `${where}: expected a target of ${length} elements, got ${target.length}; pass one of the tensor's size`,
  )
}

/** First element and number of elements of a range of rows. @throws GraftError 'invalid-argument' outside the tensor */
export function rowRange(
  where: string,
  shape: readonly number[],
  first: number,
  count: number,
): readonly [number, number] {
  const [rows, ...rest] = shape
  const valid = Number.isInteger(first) && Number.isInteger(count) && first >= 0 && count >= 0
  if (rows !== undefined && valid && first + count <= rows) {
    const width = elementCount(rest)
    return [first * width, count * width]
  }
  throw new GraftError(
    'invalid-argument',
    `${where}: expected rows within 0 to ${rows ?? 0}, got ${count} from ${first}; check the row numbers`,
  )
}
