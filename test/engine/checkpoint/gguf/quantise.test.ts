import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  writableFormat,
  writableTypes,
  type GgufTensorType,
} from '../../../../main/engine/checkpoint/gguf/blocks/formats'

function encode(type: GgufTensorType, values: Float32Array): Uint8Array {
  const format = writableFormat(type)
  const buffer = new ArrayBuffer((values.length / format.elements) * format.bytes)
  format.encode(values, buffer)
  return new Uint8Array(buffer)
}

function decode(type: GgufTensorType, bytes: Uint8Array): Float32Array {
  const format = writableFormat(type)
  const target = new Float32Array((bytes.length / format.bytes) * format.elements)
  format.decode(bytes.slice().buffer, target)
  return target
}

const small = [
  -3.7885740766796516e-8, -3.043377603262343e-7, -1.0479265029061935e-6, -3.961903303206782e-7, -1.0913289543168503e-6,
  -1.3552087239077082e-6, 2.2478573669104662e-7, -1.1093499097114545e-6, 1.1702960591719602e-6, 7.165876354520151e-7,
  -1.9978167529188795e-6, 2.7212885811422893e-7, -1.101716634366312e-6, 3.3057219184229325e-8, 4.3631992241444095e-8,
  -1.988429858101881e-6, -2.334225257527578e-7, -2.5579004159226315e-7, 9.620005130273057e-7, -1.1814468052762095e-6,
  7.380418765023933e-7, -1.0989728025379009e-6, -3.312908916086599e-7, -8.404731488553807e-7, 1.4487312682831543e-6,
  5.682131245521305e-7, 2.4317325824085856e-6, 6.41916358290473e-7, 8.449927122455847e-7, 8.406829010709771e-7,
  -6.066115361136326e-7, -7.002844881753845e-8,
]
const counted = Array.from({ length: 30 }, (_, i) => i - 14.5)
const alternating = Array.from({ length: 32 }, (_, i) => (i % 2 ? 1 : -1) * (i / 2))

/** Blocks and their bytes by gguf 0.19's own quantisers. */
const blocks: readonly (readonly [what: string, values: readonly number[], q8: string, q4: string])[] = [
  ['zeros', Array.from({ length: 32 }, () => 0), '00'.repeat(34), `0080${'88'.repeat(16)}`],
  [
    'alternating signs',
    alternating,
    'd02f0004f80cf014e71ddf25d72dcf35c73dbe46b64eae56a65e9e66956f8d77857f',
    'c0bfc848d937d937ea26ea26fb15fb15fc04',
  ],
  ['one value', Array.from({ length: 32 }, () => -3.25), `8d26${'81'.repeat(32)}`, `8036${'00'.repeat(16)}`],
  [
    'a scale that is subnormal',
    small,
    '0000fef0c9ebc7b90cc63d25980ec6020298f4f332c227c7efd44c1e7f222c2ce0fc',
    '058098995bc96ccc97bc34660f675c58a88f',
  ],
  [
    'halves, and two extremes',
    [127, -127, ...counted],
    '003c7f81f1f2f3f4f5f6f7f8f9fafbfcfdfeff0102030405060708090a0b0c0d0e0f',
    'f0cb808f8989898989898978787878787878',
  ],
]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe.each(blocks)('a block of %s', (_, values, q8, q4) => {
  it('has the bytes of the format owners’ quantisers', () => {
    expect(hex(encode('Q8_0', Float32Array.from(values)))).toBe(q8)
    expect(hex(encode('Q4_0', Float32Array.from(values)))).toBe(q4)
  })
})

/** How far a value may move, in parts of its block's largest magnitude. */
const steps: Readonly<Record<GgufTensorType, number>> = {
  F32: 0,
  F16: 2 ** -11,
  BF16: 2 ** -8,
  // Half a step of 127, and the rounding of the scale.
  Q8_0: 0.5 / 127 + 2 ** -10,
  // Steps are an eighth; the side opposite to the extreme has one step less.
  Q4_0: 1 / 8 + 2 ** -10,
}

describe.each(writableTypes)('%s', (type) => {
  it('gives back what was written, as nearly as its steps are fine', () => {
    const value = fc.float({ min: -8, max: 8, noNaN: true }).map((x) => (Math.abs(x) < 1e-3 ? 0 : x))
    fc.assert(
      fc.property(fc.array(value, { minLength: 64, maxLength: 64 }), (list) => {
        const values = Float32Array.from(list)
        const back = decode(type, encode(type, values))
        for (const block of [0, 32]) {
          const part = values.subarray(block, block + 32)
          const largest = part.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
          part.forEach((x, i) => expect(Math.abs(back[block + i]! - x)).toBeLessThanOrEqual(steps[type] * largest))
        }
      }),
      { numRuns: 60 },
    )
  })
})
