import { appendFile, readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openLineLog, readJsonLines, readLines, type LineLog } from '../../../main/files'
import { useFolder } from './temporary'

const path = useFolder()

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

async function valuesOf(file: string): Promise<unknown[]> {
  return (await collect(readJsonLines(file))).map((line) => ('value' in line ? line.value : line.problem))
}

async function write(file: string, values: readonly unknown[]): Promise<void> {
  const log = await openLineLog(file)
  for (const value of values) log.append(value)
  await log.close()
}

describe('a line log', () => {
  it('keeps any JSON values in order, over several openings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 20 }), fc.nat(20), fc.nat(), async (values, cut, id) => {
        const file = path(`log-${id}`)
        await writeFile(file, '')
        await write(file, values.slice(0, cut))
        await write(file, values.slice(cut))
        expect(JSON.stringify(await valuesOf(file))).toBe(JSON.stringify(values))
      }),
      { numRuns: 30 },
    )
  })

  it('has everything on the disk after a flush', async () => {
    const log = await openLineLog(path('log'))
    for (let seq = 1; seq <= 1000; seq++) log.append({ seq })
    await log.flush()
    expect(await valuesOf(path('log'))).toEqual(Array.from({ length: 1000 }, (_, i) => ({ seq: i + 1 })))
    log.append({ seq: 1001 })
    await log.close()
    expect(await valuesOf(path('log'))).toHaveLength(1001)
  })

  it('cut off at any byte loses only the torn line, and goes on after the last whole one', async () => {
    await write(path('log'), [{ seq: 1 }, { text: 'zwei 二' }])
    const whole = await readFile(path('log'))
    const firstEnd = whole.indexOf('\n') + 1
    for (let length = 0; length <= whole.byteLength; length++) {
      await writeFile(path('log'), whole.subarray(0, length))
      const kept = [length >= firstEnd, length === whole.byteLength].filter(Boolean).length
      expect(await valuesOf(path('log'))).toHaveLength(kept)
      await write(path('log'), ['next'])
      expect((await valuesOf(path('log'))).slice(kept)).toEqual(['next'])
    }
  })

  it('cuts off a torn tail that is longer than one look', async () => {
    await write(path('log'), [1])
    await appendFile(path('log'), 'x'.repeat(200_000))
    await write(path('log'), [2])
    expect(await readFile(path('log'), 'utf8')).toBe('1\n2\n')
  })

  it('keeps a long last line that is whole', async () => {
    const long = 'x'.repeat(200_000)
    await write(path('log'), [1, long])
    await write(path('log'), [2])
    expect(await valuesOf(path('log'))).toEqual([1, long, 2])
  })

  it('refuses what is no JSON, and what comes after its end', async () => {
    const log = await openLineLog(path('log'))
    expect(() => log.append(undefined)).toThrow(/expected a JSON value, got undefined/)
    await log.close()
    await log.close()
    expect(() => log.append(1)).toThrow(/expected an open log/)
    expect(await readFile(path('log'), 'utf8')).toBe('')
  })

  it('names the file whose folder is missing', async () => {
    await expect(openLineLog(path('none/log'))).rejects.toMatchObject({ code: 'not-found' })
  })

  // The device that is always full exists on Linux alone.
  it.runIf(process.platform === 'linux')('says that the disk is full, and then writes nothing more', async () => {
    const log: LineLog = await openLineLog('/dev/full')
    log.append({ seq: 1 })
    await expect(log.flush()).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/^\/dev\/full: /) as string,
    })
    expect(() => log.append({ seq: 2 })).toThrow(/full disk/)
    await expect(log.close()).rejects.toMatchObject({ code: 'disk-full' })
  })
})

describe('reading lines', () => {
  it('gives whole lines with their numbers, and leaves out the torn one', async () => {
    await writeFile(path('a'), 'one\n\nthree\r\nfour')
    expect(await collect(readLines(path('a')))).toEqual([
      { line: 1, text: 'one' },
      { line: 2, text: '' },
      { line: 3, text: 'three\r' },
    ])
  })

  it('puts together characters and lines that lie across reads', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => '語'.repeat(i * 997))
    await writeFile(path('a'), lines.map((line) => `${line}\n`).join(''))
    expect((await collect(readLines(path('a')))).map(({ text }) => text)).toEqual(lines)
  })

  it('does not let one bad line hide the others', async () => {
    await writeFile(path('a'), '1\n{bad\n\n3\n')
    const lines = await collect(readJsonLines(path('a')))
    expect(lines.map(({ line }) => line)).toEqual([1, 2, 4])
    expect(lines[1]).toMatchObject({ text: '{bad', problem: expect.stringContaining('JSON') as string })
  })

  it('may be left early, and reports a missing file', async () => {
    await writeFile(path('a'), '1\n2\n')
    for await (const line of readLines(path('a'))) {
      expect(line.text).toBe('1')
      break
    }
    await expect(collect(readLines(path('none')))).rejects.toMatchObject({ code: 'not-found' })
  })
})
