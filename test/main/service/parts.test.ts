import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ORPCError } from '@orpc/server'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostError } from '../../../main/files'
import { toApiError } from '../../../main/service/failures'
import { safeFileName, withReceivedFile } from '../../../main/service/receive-file'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'graft-parts-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('toApiError', () => {
  it('keeps code, message and details of a failure', () => {
    const error = toApiError(new HostError('disk-full', 'disk: full; free some', { path: '/x' }))
    expect(error).toMatchObject({ code: 'FAILURE', status: 422, message: 'disk: full; free some' })
    expect(error.data).toEqual({ code: 'disk-full', message: 'disk: full; free some', details: { path: '/x' } })
  })

  it('makes one readable message of what nobody expected', () => {
    const { data } = toApiError(new TypeError('x is not a function\n    at somewhere'))
    expect(data).toMatchObject({ code: 'internal' })
    expect((data as { message: string }).message).not.toMatch(/\n|somewhere/)
  })

  it('passes on what is an API error already', () => {
    const error = new ORPCError('NOT_FOUND')
    expect(toApiError(error)).toBe(error)
  })
})

describe('withReceivedFile', () => {
  const file = new File(['a,b\n1,2\n'], 'C:\\Users\\me\\data.csv')

  it('has the bytes under the file’s own name while it is used, and nothing afterwards', async () => {
    const seen = await withReceivedFile(file, folder, async (path) => {
      expect(path.endsWith('data.csv')).toBe(true)
      return readFile(path, 'utf8')
    })
    expect(seen).toBe('a,b\n1,2\n')
    expect(await readdir(folder)).toEqual([])
  })

  it('cleans up after a failure too', async () => {
    const broken = withReceivedFile(file, folder, () => Promise.reject(new Error('no')))
    await expect(broken).rejects.toThrow('no')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('safeFileName', () => {
  it.each([
    ['data.csv', 'data.csv'],
    ['../../etc/passwd', 'passwd'],
    ['数据 1.jsonl', '数据 1.jsonl'],
    ['a:b?.json', 'a_b_.json'],
    ['..', 'upload'],
    ['', 'upload'],
    [`${'x'.repeat(500)}.csv`, `${'x'.repeat(96)}.csv`],
  ])('%s becomes %s', (given, safe) => expect(safeFileName(given)).toBe(safe))

  it('never names anything but a file of its own folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const safe = safeFileName(name)
        expect(safe).not.toMatch(/[/\\\0]|^\.{0,2}$/)
      }),
    )
  })
})
