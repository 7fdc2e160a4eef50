import { GraftError } from '../../../errors'
import { decodeFloats, encodeFloats, type WritableFloatDtype } from '../../../tensor'
import { quote } from '../../strict-json'
import type { DecodeBlocks } from './block-decoder'
import { encodeQ4, encodeQ8, type EncodeBlocks } from './quantise'
import { decodeQ8, fiveBitsCentred, fiveBitsWithMinimum, fourBitsCentred, fourBitsWithMinimum } from './small-blocks'
import { decodeQ4K, decodeQ5K, decodeQ6K } from './super-blocks'

/** How a tensor's elements are packed: in blocks along the rows, each of `elements` in `bytes`. */
export interface BlockFormat {
  readonly name: string
  /** Its number in the file. */
  readonly type: number
  readonly elements: number
  readonly bytes: number
  /** The type that holds these values outside of GGUF: for quantised ones the common half precision. */
  readonly dtype: WritableFloatDtype
  readonly decode: DecodeBlocks
  /** Absent where the format is only read: encoders of the K types search, and llama.cpp's own does it best. */
  readonly encode?: EncodeBlocks
}

type Format = Omit<BlockFormat, 'type'>

const plain = (name: WritableFloatDtype, bytes: number): Format => ({
  name,
  elements: 1,
  bytes,
  dtype: name,
  decode: (buffer, target) => decodeFloats(name, buffer, target),
  encode: (source, buffer) => encodeFloats(name, source, buffer),
})
const quantised = (
  name: string,
  elements: number,
  bytes: number,
  decode: DecodeBlocks,
  encode?: EncodeBlocks,
): Format => ({ name, elements, bytes, dtype: 'F16', decode, ...(encode && { encode }) })

/** By the type's number in the file. Source: GGMLQuantizationType in gguf's constants.py. */
const table: Readonly<Record<number, Format>> = {
  0: plain('F32', 4),
  1: plain('F16', 2),
  2: quantised('Q4_0', 32, 18, fourBitsCentred, encodeQ4),
  3: quantised('Q4_1', 32, 20, fourBitsWithMinimum),
  6: quantised('Q5_0', 32, 22, fiveBitsCentred),
  7: quantised('Q5_1', 32, 24, fiveBitsWithMinimum),
  8: quantised('Q8_0', 32, 34, decodeQ8, encodeQ8),
  12: quantised('Q4_K', 256, 144, decodeQ4K),
  13: quantised('Q5_K', 256, 176, decodeQ5K),
  14: quantised('Q6_K', 256, 210, decodeQ6K),
  30: plain('BF16', 2),
}

const formats: ReadonlyMap<number, BlockFormat> = new Map(
  Object.entries(table).map(([type, format]) => [Number(type), { ...format, type: Number(type) }]),
)

/** A format that can be written, and how. */
export type WritableFormat = BlockFormat & { readonly encode: EncodeBlocks }

/** What tensors can be written as. */
export const writableTypes = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'] as const
export type GgufTensorType = (typeof writableTypes)[number]

export function writableFormat(type: GgufTensorType): WritableFormat {
  return [...formats.values()].find(({ name }) => name === type) as WritableFormat
}

/** Types that are only named, so that a person learns which file to look for. */
const otherNames: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
}

/** @throws GraftError 'unsupported' naming the type that cannot be read */
export function findFormat(file: string, tensor: string, type: number): BlockFormat {
  const format = formats.get(type)
  if (format) return format
  const known = [...formats.values()].map(({ name }) => name)
  const got = otherNames[type] ?? `type number ${type}`
  const expected = `${file}: tensor ${quote(tensor)}: expected one of ${known.join(', ')}`
  throw new GraftError('unsupported', `${expected}, got ${got}; choose a file of another quantisation`, {
    file,
    type: got,
  })
}
