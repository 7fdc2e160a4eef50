import { GraftError } from '../../errors'
import { transpose } from '../../tensor'
import { quote } from '../strict-json'
import type { GgufMetadata } from './header/read-header'

/** The metadata keys, below the architecture's name, that say how many heads a matrix has. */
type HeadsKey = 'attention.head_count' | 'attention.head_count_kv'

/** How a file stores a tensor, where not as Hugging Face does. */
export type StoredLayout =
  /** Rows in llama.cpp's order, which rotates neighbouring pairs: (head, i, half) for Hugging Face's (head, half, i). */
  | { readonly kind: 'pairedRows'; readonly heads: HeadsKey }
  /** A matrix that Hugging Face keeps as [in, out] (GPT-2's Conv1D), as [out, in]. */
  | { readonly kind: 'transposed' }
  /** A norm that multiplies with 1 + w (Gemma), as 1 + w. */
  | { readonly kind: 'plusOne' }

/** A layout with what it needs to know of the model. */
export type TensorLayout =
  { readonly kind: 'pairedRows'; readonly heads: number } | Exclude<StoredLayout, { readonly kind: 'pairedRows' }>

type Change = (values: Float32Array, shape: readonly number[], heads: number) => Float32Array

/** `shape` is that of the values that come in, which the change may work on in place. */
interface LayoutRule {
  readonly toModel: Change
  readonly toFile: Change
}

/** Moves the rows of each head in place: row r of the result is row `from(r, half)` of what was there. */
function moveRows(from: (row: number, half: number) => number): Change {
  return (values, shape, heads) => {
    const rows = shape[0] ?? 1
    // A bias is a matrix of one column.
    const width = values.length / rows
    const half = rows / heads / 2
    const headSize = 2 * half * width
    for (let start = 0; start < values.length; start += headSize) {
      const before = values.slice(start, start + headSize)
      for (let row = 0; row < 2 * half; row++) {
        const at = from(row, half)
        values.set(before.subarray(at * width, (at + 1) * width), start + row * width)
      }
    }
    return values
  }
}

/** A vector, such as a bias, has nothing to transpose. */
const turn: Change = (values, shape) => {
  const [rows, columns] = shape
  return rows === undefined || columns === undefined ? values : transpose(values, rows, columns)
}

const addTo =
  (amount: number): Change =>
  (values) => {
    for (let i = 0; i < values.length; i++) values[i] = values[i]! + amount
    return values
  }

/** Source: llama.cpp's conversion/llama.py (permute), gpt2.py and gemma.py. */
const rules: { readonly [Kind in TensorLayout['kind']]: LayoutRule } = {
  pairedRows: {
    toModel: moveRows((row, half) => 2 * (row % half) + Math.floor(row / half)),
    toFile: moveRows((row, half) => (row % 2) * half + (row >> 1)),
  },
  transposed: { toModel: turn, toFile: turn },
  plusOne: { toModel: addTo(-1), toFile: addTo(1) },
}

/** The shape on the other side, for either direction. */
export function turnedShape(layout: TensorLayout | undefined, shape: readonly number[]): readonly number[] {
  return layout?.kind === 'transposed' ? shape.toReversed() : shape
}

const headsOf = (layout: TensorLayout): number => (layout.kind === 'pairedRows' ? layout.heads : 1)

/** A file's values as the model has them. @param shape as stored. The values are given up: they may be changed in place */
export function toModelLayout(
  layout: TensorLayout | undefined,
  values: Float32Array,
  shape: readonly number[],
): Float32Array {
  return layout ? rules[layout.kind].toModel(values, shape, headsOf(layout)) : values
}

/** What `toModelLayout` undoes. @param shape as the model has it */
export function toFileLayout(
  layout: TensorLayout | undefined,
  values: Float32Array,
  shape: readonly number[],
): Float32Array {
  return layout ? rules[layout.kind].toFile(values, shape, headsOf(layout)) : values
}

/** Where a layout belongs: for the number of heads, and for messages. */
export interface LayoutPlace {
  readonly file: string
  readonly architecture: string
  readonly metadata: GgufMetadata
  readonly tensor: string
  readonly shape: readonly number[]
}

/** @throws GraftError 'checkpoint-mismatch' where the rows do not divide into pairs for each head */
export function resolveLayout(layout: StoredLayout | undefined, place: LayoutPlace): TensorLayout | undefined {
  if (layout?.kind !== 'pairedRows') return layout
  const { file, architecture, metadata, tensor, shape } = place
  const key = `${architecture}.${layout.heads}`
  const heads = metadata.get(key) ?? metadata.get(key.replace('_kv', ''))
  const pairs = typeof heads === 'number' ? (shape[0] ?? 0) / heads / 2 : NaN
  if (typeof heads === 'number' && Number.isInteger(pairs) && pairs > 0) return { kind: 'pairedRows', heads }
  const got = `${shape[0] ?? 0} rows for ${quote(heads)} heads`
  const message = `${file}: tensor ${quote(tensor)}: expected rows in pairs for each of the heads that ${key} says, got ${got}; get the file again`
  throw new GraftError('checkpoint-mismatch', message, { file, tensor })
}
