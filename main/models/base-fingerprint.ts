import { createHash } from 'node:crypto'
import type { TensorFile } from '../engine/checkpoint'
import type { ModelDefinition } from '../engine/nn'

/** Elements of a vector that count. */
const VECTOR_SAMPLE = 64

/** The row in the middle, too: first rows are often those of tokens that no training ever changed. */
function samplePlaces([rows = 0, ...rest]: readonly number[]): [first: number, count: number][] {
  if (rest.length === 0) return [[0, Math.min(rows, VECTOR_SAMPLE)]]
  return [
    [0, 1],
    [rows >> 1, 1],
  ]
}

/**
 * What tells one base model from another of the same shapes: SHA-256, hexadecimal, of every weight's name, shape and some
 * of its values. Takes milliseconds, since two rows of a matrix are read; fine-tuning changes rows everywhere.
 */
export async function fingerprintBase(
  { weights }: Pick<ModelDefinition, 'weights'>,
  file: Pick<TensorFile, 'readRows'>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, shape, optional } of weights) {
    // Trained from nothing: the same base whether it has one or not.
    if (optional) continue
    hash.update(`${name} ${shape.join('x')}\n`)
    for (const [first, count] of samplePlaces(shape)) {
      const values = await file.readRows(name, first, count)
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    }
  }
  return hash.digest('hex')
}
