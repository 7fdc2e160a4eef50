import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openSafetensors, writeSafetensors, type TensorFile } from '../../../main/engine/checkpoint'
import { memorySink, memorySource } from '../../../main/engine/tensor'
import { replayFourBit } from '../../../main/engine/train'

const folder = fileURLToPath(new URL('../../goldens/nf4/', import.meta.url))
const open = (name: string): Promise<TensorFile> =>
  openSafetensors(memorySource(name, readFileSync(`${folder}${name}`)))

it.each(readdirSync(folder))('%s: bytes, scales and numbers are bitsandbytes’', async (name) => {
  const report = await replayFourBit(name, await open(name))
  expect(report).toMatchObject({ pass: true, packedBytes: 0, dequantised: 0, absmax: 0 })
  expect(report.nested !== undefined).toBe(!/plain|ties/.test(name))
})

/** The file with one byte of a tensor changed. */
async function damaged(name: string, tensor: string): Promise<TensorFile> {
  const file = await open(name)
  const tensors = file.names.map((each) => ({
    name: each,
    ...file.info(each),
    data: async () => {
      const bytes = await file.readBytes(each)
      if (each === tensor) bytes[0]! ^= 0x10
      return bytes
    },
  }))
  const sink = memorySink()
  await writeSafetensors(sink, tensors, file.metadata)
  return openSafetensors(memorySource(name, sink.bytes()))
}

it.each(['packed', 'dequantised', 'absmax', 'nested_absmax', 'nested_quant_map'])(
  'a file whose %s is another does not pass',
  async (tensor) => {
    const name = 'nf4-gauss-64x96.safetensors'
    expect(await replayFourBit(name, await damaged(name, tensor))).toMatchObject({ pass: false })
  },
)

it('says what a file lacks that holds no quantised tensor', async () => {
  const sink = memorySink()
  await writeSafetensors(sink, [{ name: 'weight', dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }])
  const file = await openSafetensors(memorySource('x', sink.bytes()))
  await expect(replayFourBit('x', file)).rejects.toThrow(
    expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(/quant_type nf4 or fp4/) }),
  )
})
