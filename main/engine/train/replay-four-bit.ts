import type { TensorFile } from '../checkpoint'
import { GraftError } from '../errors'
import {
  codebooks,
  dequantiseFourBit,
  dynamicMap,
  elementCount,
  quantiseFourBit,
  type BlockScales,
  type FourBitFormat,
  type FourBitType,
  type NestedScales,
} from '../tensor'

/** How far our 4-bit quantisation is from a reference's on one tensor. Counts are of unequal elements. */
export interface FourBitReport {
  readonly case: string
  readonly pass: boolean
  readonly type: FourBitType
  readonly blockSize: number
  readonly elements: number
  readonly packedBytes: number
  /** Given the reference's packed bytes and scales. */
  readonly dequantised: number
  /** First-level scales where they are float32; the largest magnitudes of their blocks where they are quantised too. */
  readonly absmax: number
  /** Double quantisation only. */
  readonly nested?: NestedReport
}

interface NestedReport {
  readonly map: number
  /** Largest distance of second-level codes, and the share of equal ones. */
  readonly codeDistance: number
  readonly equalCodes: number
  /** Absolute difference of the mean of the scales. */
  readonly offset: number
}

/**
 * bitsandbytes' CPU kernel picks the neighbour for second-level values very near to the middle, its CUDA kernel does not;
 * and the mean of the scales depends on the order of summing.
 */
export const nestedLimits = { codeDistance: 1, equalCodes: 0.99, offset: 1e-8 } as const

const unequal = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const length = Math.max(got.length, expected.length)
  let count = 0
  for (let i = 0; i < length; i++) if (got[i] !== expected[i]) count++
  return count
}

function formatIn(file: TensorFile, name: string): FourBitFormat {
  const { quant_type: type, blocksize } = file.metadata
  const blockSize = Number(blocksize)
  if ((type === 'nf4' || type === 'fp4') && Number.isInteger(blockSize) && blockSize > 0)
    return { type, blockSize, doubleQuantised: file.has('nested_absmax') }
  const known = Object.keys(codebooks).join(' or ')
  const message = `golden ${name}: expected metadata with quant_type ${known} and a blocksize, got ${JSON.stringify(file.metadata)}; give a file with one quantised tensor`
  throw new GraftError('config-invalid', message, { name })
}

async function scalesIn(file: TensorFile, { doubleQuantised }: FourBitFormat): Promise<BlockScales> {
  if (!doubleQuantised) return file.readFloat32('absmax')
  const offset = Number(file.metadata['nested_offset'])
  return { codes: await file.readBytes('absmax'), absmax: await file.readFloat32('nested_absmax'), offset }
}

async function compareNested(file: TensorFile, got: NestedScales, expected: NestedScales): Promise<NestedReport> {
  const distances = Array.from(got.codes, (code, i) => Math.abs(code - (expected.codes[i] ?? Infinity)))
  return {
    map: unequal(dynamicMap, await file.readFloat32('nested_quant_map')),
    codeDistance: Math.max(...distances),
    equalCodes: distances.filter((distance) => distance === 0).length / expected.codes.length,
    offset: Math.abs(got.offset - expected.offset),
  }
}

const nestedPasses = ({ map, codeDistance, equalCodes, offset }: NestedReport): boolean =>
  map === 0 &&
  codeDistance <= nestedLimits.codeDistance &&
  equalCodes > nestedLimits.equalCodes &&
  offset <= nestedLimits.offset

const isNested = (scales: BlockScales): scales is NestedScales => !(scales instanceof Float32Array)

/**
 * Quantises the tensor `weight` of a file that bitsandbytes' results lie beside (`packed`, `absmax`, `dequantised`, and
 * `nested_absmax`, `nested_quant_map` where the scales are quantised too), and compares.
 * @throws GraftError `checkpoint-mismatch` where the file lacks one of them, `config-invalid` where it does not say how it
 * was quantised
 */
export async function replayFourBit(name: string, file: TensorFile): Promise<FourBitReport> {
  const format = formatIn(file, name)
  const weight = await file.readFloat32('weight')
  const [packed, scales] = [await file.readBytes('packed'), await scalesIn(file, format)]
  const ours = quantiseFourBit(weight, format)
  const theirs = { ...ours, packed, scales }
  const restored = dequantiseFourBit(theirs, new Float32Array(elementCount(file.info('weight').shape)))
  const maxima = (of: BlockScales): Float32Array => (isNested(of) ? of.absmax : of)
  const nested = isNested(ours.scales) && isNested(scales) ? await compareNested(file, ours.scales, scales) : undefined
  const counts = {
    packedBytes: unequal(ours.packed, packed),
    dequantised: unequal(restored, await file.readFloat32('dequantised')),
    absmax: unequal(maxima(ours.scales), maxima(scales)),
  }
  const pass = Object.values(counts).every((count) => count === 0) && (!nested || nestedPasses(nested))
  const { type, blockSize } = format
  return { case: name, pass, type, blockSize, elements: weight.length, ...counts, ...(nested && { nested }) }
}
