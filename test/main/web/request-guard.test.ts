import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuseForeign, refuseWithoutToken } from '../../../main/web/request-guard'
import { findStaticFile } from '../../../main/web/static-files'

describe('refuseForeign', () => {
  it.each([
    [{ host: '127.0.0.1:8000' }],
    [{ host: 'localhost:8000' }],
    [{ host: '127.0.0.1:8000', origin: 'http://127.0.0.1:8000' }],
    [{ host: 'localhost:8000', origin: 'http://localhost:8000' }],
  ])('lets %j in', (headers) => expect(refuseForeign(headers, 8000)).toBeUndefined())

  it.each([
    [{}],
    [{ host: 'studio.example.org' }],
    [{ host: 'studio.example.org:8000' }],
    [{ host: '127.0.0.1' }],
    [{ host: '127.0.0.1:8001' }],
    [{ host: '127.0.0.1:8000.example.org' }],
    [{ host: '127.0.0.1:8000', origin: 'http://example.org' }],
    [{ host: '127.0.0.1:8000', origin: 'https://127.0.0.1:8000' }],
    [{ host: '127.0.0.1:8000', origin: 'http://127.0.0.1:8001' }],
    [{ host: '127.0.0.1:8000', origin: 'null' }],
  ])('keeps %j out', (headers) => expect(refuseForeign(headers, 8000)?.status).toBe(403))
})

describe('refuseWithoutToken', () => {
  it('wants exactly the token', () => {
    expect(refuseWithoutToken({ 'x-graft-token': 'secret' }, 'secret')).toBeUndefined()
    for (const given of ['', 'secre', 'secret ', 'Secret', ['secret']]) {
      expect(refuseWithoutToken({ 'x-graft-token': given }, 'secret')?.status).toBe(401)
    }
    expect(refuseWithoutToken({}, 'secret')?.status).toBe(401)
  })
})

describe('findStaticFile', () => {
  let folder: string
  let root: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'graft-static-'))
    root = join(folder, 'renderer')
    await mkdir(join(root, 'assets'), { recursive: true })
    await writeFile(join(root, 'index.html'), 'page')
    await writeFile(join(root, 'assets', 'app.js'), 'code')
    await writeFile(join(root, 'data.bin'), 'unknown type')
    await writeFile(join(folder, 'secret.html'), 'secret')
    await mkdir(join(folder, 'renderer-other'))
    await writeFile(join(folder, 'renderer-other', 'secret.html'), 'secret')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('finds files with their type', async () => {
    const page = await findStaticFile(root, '/')
    expect(page).toMatchObject({ type: 'text/html; charset=utf-8', bytes: 4, immutable: false })
    expect(await findStaticFile(root, '/assets/app.js')).toMatchObject({ immutable: true })
    expect(page && (await text(page.open()))).toBe('page')
  })

  it.each([
    '/none.html',
    '/assets',
    '/assets/',
    '/data.bin',
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/../renderer-other/secret.html',
    '/assets/../../secret.html',
    '/index.html%00.js',
    '/%',
    '//etc/passwd',
  ])('finds nothing at %s', async (path) => expect(await findStaticFile(root, path)).toBeUndefined())

  it('never leaves its folder, whatever is asked for', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '/',
      '\\',
      'secret.html',
      'assets',
      'renderer-other',
      '%5c',
      '',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const file = await findStaticFile(root, `/${pieces.join('/')}`)
        expect(file && (await text(file.open()))).not.toBe('secret')
      }),
    )
  })
})
