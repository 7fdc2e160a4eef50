import { mkdir, open, readFile, rmdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { GraftError } from '../../../main/engine/errors'
import { HostError, toFailure } from '../../../main/files'
import { failureSchema } from '../../../preload/contract'
import { useFolder } from './temporary'

const path = useFolder()
const FORM = /^.+: expected .+, got .+; .+/s

async function caught(action: () => unknown): Promise<unknown> {
  try {
    await action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('toFailure', () => {
  it('keeps code, message and details of our own errors', () => {
    expect(toFailure(new GraftError('dataset-empty', 'm', { rows: 0 }))).toEqual({
      code: 'dataset-empty',
      message: 'm',
      details: { rows: 0 },
    })
    expect(toFailure(new HostError('disk-full', 'm'))).toEqual({ code: 'disk-full', message: 'm' })
  })

  it.each<[string, () => unknown]>([
    ['not-found', () => readFile(path('none'))],
    ['not-a-file', () => readFile(path())],
    ['already-exists', () => mkdir(path())],
    [
      'already-exists',
      () =>
        mkdir(path('a'))
          .then(() => writeFile(path('a/b'), ''))
          .then(() => rmdir(path('a'))),
    ],
    ['not-found', () => writeFile(path('f'), '').then(() => readFile(path('f/g')))],
    ['name-too-long', () => writeFile(path('x'.repeat(5000)), '')],
  ])('says %s for what the system really throws', async (code, action) => {
    const failure = toFailure(await caught(action), 'place')
    expect(failureSchema.parse(failure)).toMatchObject({ code })
    expect(failure.message).toMatch(FORM)
    // Node.js names the path in most of these, and not where an open handle fails.
    expect([failure.details?.['path'], 'place']).toContain(failure.message.split(': expected')[0])
  })

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EACCES', 'not-writable'],
    ['EPERM', 'not-writable'],
    ['EROFS', 'not-writable'],
    ['EMFILE', 'too-many-files'],
    ['ENFILE', 'too-many-files'],
    ['EBUSY', 'busy'],
    ['EIO', 'io-failed'],
    ['ENOMEM', 'out-of-memory'],
    ['EADDRINUSE', 'port-in-use'],
    ['EXYZ', 'system'],
  ])('gives the system error %s the code %s, at the place given', (systemCode, code) => {
    const error = Object.assign(new Error(`${systemCode}: words, write`), { code: systemCode })
    const failure = toFailure(error, 'runs/7')
    expect(failure).toMatchObject({ code, details: { systemCode } })
    expect(failure.message).toMatch(/^runs\/7: expected .+, got .+; .+/)
  })

  it('says which value of a form is wrong', async () => {
    const schema = z.object({ training: z.object({ steps: z.array(z.number().min(1)) }), name: z.string() })
    const failure = toFailure(await caught(() => schema.parse({ training: { steps: [1, 0] } })), 'run spec')
    expect(failure).toMatchObject({
      code: 'invalid-input',
      details: { issues: [{ path: 'training.steps[1]' }, { path: 'name' }] },
    })
    expect(failure.message).toMatch(
      /^run spec: expected valid values, got a fault in "training\.steps\[1\]": .+ \(and 1 more\); /,
    )
  })

  it('says cancelled for an aborted action', async () => {
    const aborted = await caught(() => AbortSignal.abort().throwIfAborted())
    expect(toFailure(aborted, 'download').code).toBe('cancelled')
    expect(toFailure(await caught(() => readFile(path(), { signal: AbortSignal.abort() }))).code).toBe('cancelled')
  })

  it('says out of memory for an allocation that the machine refuses', async () => {
    expect(toFailure(await caught(() => new ArrayBuffer(2 ** 52))).code).toBe('out-of-memory')
    expect(toFailure(await caught(() => new Float32Array(2 ** 52))).code).toBe('out-of-memory')
    expect(toFailure(await caught(() => (1).toFixed(200))).code).toBe('internal')
  })

  it('says internal for the rest, in one line without a stack', async () => {
    const error = new TypeError('x is not a function\n    at f (file.ts:1:1)')
    expect(toFailure(error, 'export')).toEqual({
      code: 'internal',
      message:
        'export: expected this to work, got an internal error (x is not a function); try again, and report it if it stays',
    })
    for (const thrown of ['words', undefined, null, 7, {}, new Error('')]) {
      expect(failureSchema.parse(toFailure(thrown)).message).toMatch(FORM)
    }
  })

  it('speaks of the file where a handle does not know its name', async () => {
    await writeFile(path('a'), 'x')
    const handle = await open(path('a'), 'r')
    const failure = toFailure(await caught(() => handle.write('y')), path('a'))
    await handle.close()
    expect(failure.message.startsWith(`${path('a')}: `)).toBe(true)
  })
})
