import { GraftError } from '../../errors'
import { nestScales } from './block-scales'
import { blockCount, type FourBitFormat, type FourBitTensor } from './four-bit-tensor'
import { nearestCode } from './nearest-code'

/** The largest magnitude of each block. @throws GraftError `invalid-argument` for what is no finite number */
function blockMaxima(values: Float32Array, blockSize: number): Float32Array {
  const maxima = new Float32Array(blockCount(values.length, blockSize))
  // Zero as long as all values are finite, else NaN: cheaper than a test of each.
  let unsound = 0
  for (let block = 0, at = 0; block < maxima.length; block++) {
    const end = Math.min(values.length, at + blockSize)
    let largest = 0
    for (; at < end; at++) {
      const value = values[at]!
      const magnitude = value < 0 ? -value : value
      if (magnitude > largest) largest = magnitude
      unsound += value - value
    }
    maxima[block] = largest
  }
  if (unsound !== 0) refuseValue(values)
  return maxima
}

function refuseValue(values: Float32Array): never {
  const element = values.findIndex((value) => !Number.isFinite(value))
  const message = `4-bit quantisation: expected finite weights, got ${values[element]} at element ${element}; the model is damaged, get it again`
  throw new GraftError('invalid-argument', message, { element })
}

/** In float32, as bitsandbytes, where it is one: that of the tiniest numbers is beyond float32. */
function reciprocal(largest: number): number {
  if (largest === 0) return 0
  const rounded = Math.fround(1 / largest)
  return Number.isFinite(rounded) ? rounded : 1 / largest
}

/**
 * Quantises in blocks: the largest magnitude of each is its scale, every number becomes the code nearest to number / scale.
 * The bytes are those of bitsandbytes 0.50 on the CPU, which multiplies by the scale's float32 reciprocal.
 * @throws GraftError `invalid-argument` where a value is not finite
 */
export function quantiseFourBit(values: Float32Array, format: FourBitFormat): FourBitTensor {
  const { type, blockSize, doubleQuantised } = format
  const maxima = blockMaxima(values, blockSize)
  const packed = new Uint8Array(Math.ceil(values.length / 2))
  const codeOf = nearestCode[type]
  for (let block = 0, at = 0; block < maxima.length; block++) {
    const factor = reciprocal(maxima[block]!)
    const end = Math.min(values.length, at + blockSize)
    for (; at < end; at += 2) {
      const upper = codeOf(Math.fround(values[at]! * factor))
      // An odd length ends with the code of 0.
      const lower = codeOf(at + 1 < end ? Math.fround(values[at + 1]! * factor) : 0)
      packed[at >> 1] = (upper << 4) | lower
    }
  }
  return { type, blockSize, length: values.length, packed, scales: doubleQuantised ? nestScales(maxima) : maxima }
}
