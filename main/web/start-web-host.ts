import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { RPCHandler } from '@orpc/server/node'
import type { Service } from '../service'
import { securityHeaders } from './content-security-policy'
import { refuseForeign, refuseWithoutToken } from './request-guard'
import { findStaticFile } from './static-files'

export interface WebHostOptions {
  readonly service: Service
  /** The built renderer. */
  readonly rendererDir: string
  /** 0 or absent: any free port. */
  readonly port?: number
  /** Absent: 32 random bytes. */
  readonly token?: string
}

export interface WebHost {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** The address to open. The token stands behind the `#`, which a browser never sends anywhere. */
  readonly url: string
  readonly port: number
  readonly token: string
  close(): Promise<void>
}

interface Context {
  readonly rpc: RPCHandler<Record<never, never>>
  readonly rendererDir: string
  readonly token: string
  readonly port: () => number
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

async function serveFile(context: Context, path: string, request: IncomingMessage, response: ServerResponse) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'Only GET and HEAD')
  const file = await findStaticFile(context.rendererDir, path)
  if (!file) return say(response, 404, 'Not found')
  response.writeHead(200, {
    'content-type': file.type,
    'content-length': file.bytes,
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (request.method === 'HEAD') response.end()
  else await pipeline(file.open(), response)
}

async function serveRpc(context: Context, request: IncomingMessage, response: ServerResponse) {
  const refusal = refuseWithoutToken(request.headers, context.token)
  if (refusal) return say(response, refusal.status, refusal.reason)
  const { matched } = await context.rpc.handle(request, response, { prefix: '/rpc', context: {} })
  if (!matched) say(response, 404, 'No such procedure')
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
  const refusal = refuseForeign(request.headers, context.port())
  if (refusal) return say(response, refusal.status, refusal.reason)
  const path = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/'
  if (path === '/rpc' || path.startsWith('/rpc/')) return serveRpc(context, request, response)
  return serveFile(context, path, request, response)
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    // Event streams stay open for as long as a page does; closing must not wait for them.
    server.closeAllConnections()
  })
}

/**
 * Serves the studio to the browser of this machine: the page, and its API at `/rpc` (event streams are kept alive).
 * Only the loopback interface listens. Throws where the port is taken.
 */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const token = options.token ?? randomBytes(32).toString('base64url')
  const rpc = new RPCHandler(options.service, {
    eventIteratorKeepAliveEnabled: true,
    eventIteratorKeepAliveInterval: 5000,
  })
  let port = 0
  const context: Context = { rpc, rendererDir: options.rendererDir, token, port: () => port }
  const server = createServer((request, response) => {
    // What fails here is the connection itself: there is nobody left to tell.
    answer(context, request, response).catch(() => response.destroy())
  })
  // Uploads of large datasets may take longer than Node's five minutes.
  server.requestTimeout = 0
  port = await listen(server, options.port ?? 0)
  const origin = `http://127.0.0.1:${port}`
  return { origin, url: `${origin}/#token=${token}`, port, token, close: () => closeServer(server) }
}
