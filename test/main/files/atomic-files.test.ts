import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atomicFileSink, writeFileAtomic } from '../../../main/files'
import { useFolder } from './temporary'

const path = useFolder()

describe('writeFileAtomic', () => {
  it('writes text as UTF-8 and bytes as they are, and replaces what was there', async () => {
    await writeFileAtomic(path('a'), 'Grüße 你好')
    expect(await readFile(path('a'), 'utf8')).toBe('Grüße 你好')
    await writeFileAtomic(path('a'), Uint8Array.of(0, 255))
    expect([...(await readFile(path('a')))]).toEqual([0, 255])
    expect(await readdir(path())).toEqual(['a'])
  })

  it('leaves nothing behind where the name is taken by a folder', async () => {
    await mkdir(path('a/b'), { recursive: true })
    await expect(writeFileAtomic(path('a'), 'x')).rejects.toMatchObject({ name: 'HostError' })
    expect(await readdir(path())).toEqual(['a'])
  })

  it('names the file whose folder is missing', async () => {
    const missing = path('none/a')
    await expect(writeFileAtomic(missing, 'x')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(missing) as string,
    })
  })

  it('copes with many writers of one file: one of them wins whole', async () => {
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000))
    await Promise.all(texts.map((text) => writeFileAtomic(path('a'), text)))
    expect(texts).toContain(await readFile(path('a'), 'utf8'))
    expect(await readdir(path())).toEqual(['a'])
  })

  it('takes names as long as the system allows', async () => {
    const name = 'n'.repeat(250)
    await writeFileAtomic(path(name), 'x')
    expect(await readdir(path())).toEqual([name])
  })
})

describe('atomicFileSink', () => {
  it('shows the file only once it is committed', async () => {
    await writeFile(path('a'), 'old')
    const sink = await atomicFileSink(path('a'))
    await sink.write(new Uint8Array(3_000_000))
    expect(await readFile(path('a'), 'utf8')).toBe('old')
    await sink.commit()
    expect((await readFile(path('a'))).byteLength).toBe(3_000_000)
    expect(await readdir(path())).toEqual(['a'])
  })

  it('leaves no trace of an aborted file', async () => {
    await writeFile(path('a'), 'old')
    const sink = await atomicFileSink(path('a'))
    await sink.write(new Uint8Array(3_000_000))
    await sink.abort()
    await sink.abort()
    expect(await readdir(path())).toEqual(['a'])
    expect(await readFile(path('a'), 'utf8')).toBe('old')
  })

  it('keeps a committed file when abort follows', async () => {
    const sink = await atomicFileSink(path('a'))
    await sink.commit()
    await sink.abort()
    expect(await readdir(path())).toEqual(['a'])
  })

  it('refuses to go on after its end', async () => {
    const sink = await atomicFileSink(path('a'))
    await sink.commit()
    await expect(sink.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'closed' })
    await expect(sink.commit()).rejects.toMatchObject({ code: 'closed' })
  })

  it('reports a folder that vanished meanwhile', async () => {
    await mkdir(path('run'))
    const sink = await atomicFileSink(path('run/a'))
    await rm(path('run'), { recursive: true })
    await expect(sink.commit()).rejects.toMatchObject({ code: 'not-found' })
  })

  it('writes chunks of any size in order, even where the writer reuses its buffer', async () => {
    const sizes = fc.array(fc.oneof(fc.nat(100), fc.integer({ min: 900_000, max: 1_200_000 })), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(sizes, async (list) => {
        const sink = await atomicFileSink(path('a'))
        const buffer = new Uint8Array(1_200_000)
        for (const [i, size] of list.entries()) await sink.write(buffer.fill(i + 1).subarray(0, size))
        await sink.commit()
        const expected = Buffer.concat(list.map((size, i) => Buffer.alloc(size, i + 1)))
        expect((await readFile(path('a'))).equals(expected)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })
})
