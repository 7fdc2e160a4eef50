import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../../main/web/content-security-policy'
import type { WebHost } from '../../../main/web/start-web-host'
import { startWebHost } from '../../../main/web/start-web-host'
import { openSmallStudio, type SmallStudio } from '../service/small-studio'

let small: SmallStudio
let host: WebHost
beforeAll(async () => {
  small = await openSmallStudio()
  await writeFile(join(small.rendererDir, '..', 'secret.html'), 'secret')
  host = await startWebHost({ service: small.studio.service, rendererDir: small.rendererDir })
})
afterAll(async () => {
  await host.close()
  await small.close()
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends exactly what it is told: `fetch` would tidy up paths and set Host and Origin itself. */
function send(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const outgoing = request({ host: '127.0.0.1', port: host.port, method, path, headers }, (response) => {
      const { statusCode = 0, headers: received } = response
      text(response).then((body) => done({ status: statusCode, headers: received, body }), fail)
    })
    outgoing.on('error', fail).end(method === 'POST' ? '{}' : undefined)
  })
}

const call = (headers: Record<string, string>): Promise<Answer> =>
  send('POST', '/rpc/system/info', { 'content-type': 'application/json', ...headers })

describe('the API', () => {
  it('answers who brings the token', async () => {
    const { status, body } = await call({ 'x-graft-token': host.token })
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ json: { version: small.studio.version } })
  })

  it('answers its own page', async () => {
    const origin = `http://localhost:${host.port}`
    const headers = { host: `localhost:${host.port}`, origin, 'x-graft-token': host.token }
    expect((await call(headers)).status).toBe(200)
  })

  it.each<[string, Record<string, string>, number]>([
    ['no token', {}, 401],
    ['a wrong token', { 'x-graft-token': 'x'.repeat(43) }, 401],
    ['another host name', { host: 'studio.example.org' }, 403],
    ['another port in the host name', { host: '127.0.0.1:1' }, 403],
    ['another page', { origin: 'https://example.org' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
  ])('refuses %s', async (_name, headers, status) => {
    const token = status === 403 ? { 'x-graft-token': host.token } : {}
    expect((await call({ ...token, ...headers })).status).toBe(status)
  })

  it('takes no token from the address', async () => {
    const path = `/rpc/system/info?token=${host.token}&x-graft-token=${host.token}`
    expect((await send('POST', path)).status).toBe(401)
  })

  it('changes nothing by GET, which a foreign page could make the browser send', async () => {
    const { status } = await send('GET', '/rpc/datasets/list', { 'x-graft-token': host.token })
    expect(status).toBe(405)
  })

  it('does not know what is not in the contract', async () => {
    expect((await send('POST', '/rpc/system/exec', { 'x-graft-token': host.token })).status).toBe(404)
  })
})

describe('the page', () => {
  it('comes with a strict policy and is never framed, guessed at or referred from', async () => {
    const { status, headers, body } = await send('GET', '/')
    expect([status, body]).toEqual([200, '<p>studio</p>'])
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      expect(contentSecurityPolicy.split('; ')).toContain(part)
    }
  })

  it('answers HEAD without a body, and nothing but GET and HEAD', async () => {
    expect(await send('HEAD', '/')).toMatchObject({ status: 200, body: '' })
    expect((await send('PUT', '/')).status).toBe(405)
  })

  it('is kept from other host names too', async () => {
    expect((await send('GET', '/', { host: 'studio.example.org' })).status).toBe(403)
  })

  it.each(['/../secret.html', '/%2e%2e/secret.html', '/..%2fsecret.html', '/.%00/index.html', '/%zz'])(
    'serves nothing outside of its folder: %s',
    async (path) => {
      const { status, body } = await send('GET', path)
      expect(status).toBe(404)
      expect(body).not.toContain('secret')
    },
  )
})

describe('the host itself', () => {
  it('listens on the loopback interface only, with a new long token each time', async () => {
    const other = await startWebHost({ service: small.studio.service, rendererDir: small.rendererDir })
    expect(other.token).not.toBe(host.token)
    expect(Buffer.from(other.token, 'base64url')).toHaveLength(32)
    expect(other.url).toBe(`http://127.0.0.1:${other.port}/#token=${other.token}`)
    await other.close()
  })

  it('says which port is taken', async () => {
    const again = startWebHost({ service: small.studio.service, rendererDir: small.rendererDir, port: host.port })
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('closes though a page still listens to events', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'graft-web-'))
    const other = await startWebHost({ service: small.studio.service, rendererDir: folder })
    const socket = connect(other.port, '127.0.0.1')
    await new Promise((done) => socket.once('connect', done))
    const closed = new Promise((done) => socket.once('close', done))
    socket.on('error', () => undefined)
    await other.close()
    await closed
    await rm(folder, { recursive: true })
  })
})
