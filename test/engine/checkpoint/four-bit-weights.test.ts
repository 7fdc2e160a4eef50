import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint, type Checkpoint, type TensorToWrite } from '../../../main/engine/checkpoint'
import {
  bytesOf,
  codebooks,
  decodeBf16,
  dequantiseFourBit,
  encodeBf16,
  flatScales,
  quantiseFourBit,
  type FourBitFormat,
} from '../../../main/engine/tensor'
import { folderFiles } from '../../helpers/folder-files'
import { folderOf, writtenBytes } from './files'

const NAME = 'model.layers.1.mlp.down_proj.weight'
const double: FourBitFormat = { type: 'nf4', blockSize: 64, doubleQuantised: true }

let packed: Checkpoint
let original: Checkpoint
beforeAll(async () => {
  packed = await openCheckpoint(folderFiles('test/goldens/models/llama-nf4'))
  original = await openCheckpoint(folderFiles('test/goldens/models/llama'))
})

describe('a folder that bitsandbytes wrote', () => {
  it('has the names, shapes and types of the model before it was quantised', () => {
    expect([...packed.names].sort()).toEqual([...original.names].sort())
    for (const name of original.names)
      expect(packed.info(name)).toMatchObject({ dtype: 'F32', shape: original.info(name).shape })
    expect(packed.info(NAME).storedAs).toBe('NF4')
    expect(packed.info('lm_head.weight').storedAs).toBeUndefined()
    expect([packed.has(NAME), packed.has(`${NAME}.absmax`), packed.has('lm_head.weight')]).toEqual([true, false, true])
  })

  it('is the original, quantised as here', async () => {
    for (const name of original.names.filter((each) => /layers.*proj/.test(each))) {
      const [theirs, own] = [await packed.readFourBit!(name), quantiseFourBit(await original.readFloat32(name), double)]
      expect(Buffer.compare(theirs!.packed, own.packed)).toBe(0)
      // Of the scales a few codes are the neighbours.
      const [scales, ownScales] = [flatScales(theirs!.scales), flatScales(own.scales)]
      for (const [i, scale] of scales.entries()) expect(Math.abs(scale / ownScales[i]! - 1)).toBeLessThan(0.03)
      const values = dequantiseFourBit(theirs!, new Float32Array(own.length))
      expect(Buffer.compare(bytesOf(await packed.readFloat32(name)), bytesOf(values))).toBe(0)
    }
    expect(await packed.readFloat32('lm_head.weight')).toEqual(await original.readFloat32('lm_head.weight'))
    expect(await packed.readFourBit?.('lm_head.weight')).toBeUndefined()
  })

  it('gives rows and bytes of what a weight stands for', async () => {
    const whole = await packed.readFloat32(NAME)
    expect(await packed.readRows(NAME, 3, 2)).toEqual(whole.slice(3 * 176, 5 * 176))
    expect(await packed.readBytes(NAME)).toEqual(bytesOf(whole))
    expect(await packed.readRows('lm_head.weight', 1, 1)).toEqual(
      (await original.readFloat32('lm_head.weight')).slice(64, 128),
    )
  })
})

const weights = Float32Array.from({ length: 6 * 64 }, (_, i) => Math.sin(i * i))
const state = { quant_type: 'nf4', blocksize: 64, dtype: 'bfloat16', shape: [6, 64] }
const stateName = 'w.weight.quant_state.bitsandbytes__nf4'
const ours = quantiseFourBit(weights, { ...double, doubleQuantised: false })

const f32 = (name: string, data: Float32Array): TensorToWrite => ({ name, dtype: 'F32', shape: [data.length], data })
const u8 = (name: string, data: Uint8Array): TensorToWrite => ({ name, dtype: 'U8', shape: [data.length], data })
const stateText = (json: unknown): TensorToWrite => u8(stateName, new TextEncoder().encode(JSON.stringify(json)))

/** A weight as bitsandbytes writes it without double quantisation, one part of it replaced. */
async function written(replaced?: TensorToWrite): Promise<Checkpoint> {
  const tensors = [
    u8('w.weight', ours.packed),
    f32('w.weight.absmax', ours.scales as Float32Array),
    f32('w.weight.quant_map', codebooks.nf4.codes),
    stateText(state),
  ]
  const all = tensors.map((tensor) => (tensor.name === replaced?.name ? replaced : tensor))
  return openCheckpoint(folderOf({ 'model.safetensors': await writtenBytes(all) }))
}

describe('a weight with plain scales', () => {
  it('is float32 in memory, and rounded to the type that it had where bytes are asked for', async () => {
    const file = await written()
    const values = dequantiseFourBit(ours, new Float32Array(ours.length))
    expect(file.info('w.weight')).toEqual({ dtype: 'BF16', storedAs: 'NF4', shape: [6, 64] })
    expect(await file.readFloat32('w.weight')).toEqual(values)
    const bytes = (await file.readBytes('w.weight')).slice()
    expect(decodeBf16(new Uint16Array(bytes.buffer))).toEqual(decodeBf16(encodeBf16(values)))
  })

  it.each<[string, TensorToWrite, string, RegExp]>([
    ['a state that is no JSON', u8(stateName, Uint8Array.of(7)), 'checkpoint-header', /expected a JSON object/],
    [
      'a state of any size',
      u8(stateName, new Uint8Array(20_000)),
      'checkpoint-mismatch',
      /at most 10000 bytes, got 20000/,
    ],
    ['another type', stateText({ ...state, quant_type: 'int4' }), 'unsupported', /expected nf4 or fp4, got "int4"/],
    ['another block size', stateText({ ...state, blocksize: 100 }), 'unsupported', /a block size of .*, got 100/],
    ['another dtype', stateText({ ...state, dtype: 'int8' }), 'unsupported', /a dtype of float32, .*, got "int8"/],
    ['no shape', stateText({ ...state, shape: [6, 0.5] }), 'checkpoint-header', /a shape, got \[6,0.5\]/],
    ['other second-level blocks', stateText({ ...state, nested_blocksize: 64 }), 'unsupported', /256, got 64/],
    ['no mean of the scales', stateText({ ...state, nested_blocksize: 256 }), 'checkpoint-header', /nested_offset/],
    ['too few bytes', u8('w.weight', new Uint8Array(5)), 'checkpoint-mismatch', /expected 192 bytes, got 5/],
    ['too few scales', f32('w.weight.absmax', Float32Array.of(1)), 'checkpoint-mismatch', /expected 6 numbers, got 1/],
    ['other levels', f32('w.weight.quant_map', new Float32Array(16)), 'checkpoint-mismatch', /own 16 levels/],
  ])('is refused with %s', async (_name, part, code, message) => {
    const read = async (): Promise<unknown> => (await written(part)).readFloat32('w.weight')
    await expect(read()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})
