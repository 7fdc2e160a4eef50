import { describe, expect, it } from 'vitest'
import { openCheckpoint, planShards, shardIndexText } from '../../../main/engine/checkpoint'
import { f32, folderOf, writtenBytes } from './files'

const tensors = [f32('z', [2], [1, 2]), f32('a', [2, 2], [3, 4, 5, 6]), f32('m', [1], [7])]
const indexOf = (map: unknown): string => JSON.stringify({ metadata: { total_size: 1 }, weight_map: map })
const INDEX = 'model.safetensors.index.json'

async function shardedFolder(maxBytes: number): Promise<Record<string, Uint8Array | string>> {
  const shards = planShards(tensors, maxBytes)
  const files = await Promise.all(shards.map(async (shard) => [shard.file, await writtenBytes(shard.tensors)] as const))
  return { ...Object.fromEntries(files), [INDEX]: shardIndexText(shards) }
}

describe('a model in one file', () => {
  it('is read through the same interface', async () => {
    const bytes = await writtenBytes(tensors)
    const checkpoint = await openCheckpoint(folderOf({ 'model.safetensors': bytes, [INDEX]: 'not looked at' }))
    expect(checkpoint.names).toEqual(['a', 'm', 'z'])
    expect([checkpoint.files, checkpoint.bytes]).toEqual([['model.safetensors'], bytes.byteLength])
    expect([...(await checkpoint.readFloat32('z'))]).toEqual([1, 2])
  })
})

describe('a model in shards', () => {
  it('reads every tensor from its shard', async () => {
    const folder = await shardedFolder(16)
    const checkpoint = await openCheckpoint(folderOf(folder))
    expect(checkpoint.files).toHaveLength(3)
    expect(checkpoint.names).toEqual(['z', 'a', 'm'])
    expect(checkpoint.metadata).toEqual({ format: 'pt' })
    expect(checkpoint.info('a')).toMatchObject({ dtype: 'F32', shape: [2, 2] })
    expect([...(await checkpoint.readRows('a', 1, 1))]).toEqual([5, 6])
    expect([...(await checkpoint.readFloat32('m', new Float32Array(1)))]).toEqual([7])
    expect((await checkpoint.readBytes('z')).byteLength).toBe(8)
    expect([checkpoint.has('m'), checkpoint.has('toString')]).toEqual([true, false])
  })

  it('names a shard that is missing', async () => {
    const { 'model-00002-of-00003.safetensors': _, ...rest } = await shardedFolder(16)
    await expect(openCheckpoint(folderOf(rest))).rejects.toMatchObject({
      code: 'checkpoint-missing',
      message: expect.stringContaining('model-00002-of-00003.safetensors') as string,
    })
  })

  it('names a tensor that its shard lacks', async () => {
    const folder = { [INDEX]: indexOf({ q: 's' }), s: await writtenBytes(tensors) }
    const opening = openCheckpoint(folderOf(folder))
    await expect(opening).rejects.toMatchObject({ code: 'checkpoint-mismatch', details: { file: 's', tensor: 'q' } })
  })

  it('offers only what the index names, and names what is asked in vain', async () => {
    const folder = { [INDEX]: indexOf({ a: 's' }), s: await writtenBytes(tensors) }
    const checkpoint = await openCheckpoint(folderOf(folder))
    expect(checkpoint.names).toEqual(['a'])
    await expect(checkpoint.readFloat32('z')).rejects.toMatchObject({ code: 'checkpoint-mismatch' })
  })

  it('reports a broken shard by its name', async () => {
    const folder = { [INDEX]: indexOf({ a: 's' }), s: 'no tensors here' }
    await expect(openCheckpoint(folderOf(folder))).rejects.toMatchObject({
      code: 'checkpoint-header',
      details: { file: 's' },
    })
  })

  it.each(['../s', 'x/s', 'x\\s', '..', '.', '', 'C:s', '/etc/s', 'a..b', 's\0', 7, null])(
    'refuses the shard name %j',
    async (shard) => {
      await expect(openCheckpoint(folderOf({ [INDEX]: indexOf({ a: shard }) }))).rejects.toThrow(/plain file names/)
    },
  )

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no weight_map', '{}'],
    ['a list as weight_map', '{"weight_map":[]}'],
    ['a tensor twice', '{"weight_map":{"a":"s","a":"t"}}'],
    ['deep nesting', '['.repeat(50_000)],
  ])('refuses an index with %s', async (_, text) => {
    await expect(openCheckpoint(folderOf({ [INDEX]: text }))).rejects.toMatchObject({ code: 'checkpoint-header' })
  })
})

describe('a folder without weights', () => {
  it('says what was looked for', async () => {
    await expect(openCheckpoint(folderOf({}))).rejects.toMatchObject({
      code: 'checkpoint-missing',
      message: expect.stringContaining(
        'expected model.safetensors or model.safetensors.index.json, got neither',
      ) as string,
    })
  })

  it('says that pickled weights are not read', async () => {
    await expect(openCheckpoint(folderOf({ 'pytorch_model.bin': 'x' }))).rejects.toThrow(/only pytorch_model\.bin/)
  })
})
