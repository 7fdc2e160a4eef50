import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openCheckpoint, planShards, shardIndexText, writeSafetensors } from '../../../main/engine/checkpoint'
import { atomicFileSink, fileByteSource, folderFileSource, writeFileAtomic } from '../../../main/files'
import { fromSystemError } from '../../../main/files/system-errors'
import { useFolder } from './temporary'

const path = useFolder()

describe('fileByteSource', () => {
  it('reads ranges in any order and at the same time', async () => {
    await writeFile(
      path('a'),
      Uint8Array.from({ length: 1000 }, (_, i) => i),
    )
    const source = await fileByteSource(path('a'))
    const targets = [900, 0, 500].map((offset) => ({ offset, bytes: new Uint8Array(100) }))
    await Promise.all(targets.map(({ offset, bytes }) => source.read(offset, bytes)))
    for (const { offset, bytes } of targets) expect([bytes[0], bytes[99]]).toEqual([offset & 255, (offset + 99) & 255])
    expect([source.size, source.name]).toEqual([1000, path('a')])
    await source.close()
  })

  it('reports a file that is shorter than it was', async () => {
    await writeFile(path('a'), new Uint8Array(1000))
    const source = await fileByteSource(path('a'))
    await truncate(path('a'), 10)
    await expect(source.read(0, new Uint8Array(20))).rejects.toThrow(/expected 20 bytes at 0, got 10; the file is cut/)
    await source.close()
  })

  it('tells a refused reading from a refused writing', () => {
    const refusal = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES' })
    expect(fromSystemError(refusal, 'a', 'read')).toMatchObject({ code: 'not-readable' })
    expect(fromSystemError(refusal, 'a', 'write')).toMatchObject({ code: 'not-writable' })
  })

  it('reports what is missing or no file', async () => {
    await expect(fileByteSource(path('none'))).rejects.toMatchObject({ code: 'not-found' })
    await expect(fileByteSource(path())).rejects.toMatchObject({ code: 'not-a-file' })
  })
})

describe('folderFileSource', () => {
  it('opens a file once and closes all', async () => {
    await writeFile(path('a'), 'abc')
    const folder = folderFileSource(path())
    const [first, again] = await Promise.all([folder.open('a'), folder.open('a')])
    expect(first).toBe(again)
    await folder.close()
    await expect(first?.read(0, new Uint8Array(1))).rejects.toThrow()
    expect((await folder.open('a'))?.size).toBe(3)
    await folder.close()
  })

  it('has no file where there is none, or a folder', async () => {
    await mkdir(path('sub'))
    const folder = folderFileSource(path())
    expect([await folder.open('none'), await folder.open('sub')]).toEqual([undefined, undefined])
    await folder.close()
  })

  it.each(['../a', 'sub/a', 'sub\\a', '..', '.', '', 'a\0'])('refuses the name %j', async (name) => {
    await expect(folderFileSource(path()).open(name)).rejects.toMatchObject({ code: 'invalid-name' })
  })
})

describe('checkpoints on a disk', () => {
  it('are read back from the shards that were written', async () => {
    const tensors = Array.from({ length: 40 }, (_, i) => ({
      name: `layers.${i}.weight`,
      dtype: 'BF16' as const,
      shape: [i, 16],
      data: () => new Float32Array(16 * i).fill(i / 4),
    }))
    const shards = planShards(tensors, 4000)
    for (const { file, tensors: members } of shards) {
      const sink = await atomicFileSink(path(file))
      await writeSafetensors(sink, members)
      await sink.commit()
    }
    await writeFileAtomic(path('model.safetensors.index.json'), shardIndexText(shards))
    const folder = folderFileSource(path())
    const checkpoint = await openCheckpoint(folder)
    expect(checkpoint.files.toSorted()).toEqual((await readdir(path())).filter((name) => name.endsWith('.safetensors')))
    for (const { name, data } of tensors) expect(await checkpoint.readFloat32(name)).toEqual(data())
    await folder.close()
  })

  it('written by PyTorch are read: the golden model', async () => {
    const folder = folderFileSource('test/goldens/models/llama')
    const checkpoint = await openCheckpoint(folder)
    expect(checkpoint.metadata).toEqual({ format: 'pt' })
    expect(checkpoint.info('model.embed_tokens.weight')).toMatchObject({ dtype: 'F32', shape: [320, 64] })
    const values = await checkpoint.readFloat32('model.embed_tokens.weight')
    const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
    expect(spread).toBeGreaterThan(0.001)
    expect(spread).toBeLessThan(1)
    expect(await checkpoint.readRows('model.embed_tokens.weight', 319, 1)).toEqual(values.slice(-64))
    await folder.close()
  })
})
