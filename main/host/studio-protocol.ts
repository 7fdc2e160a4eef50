import { Readable } from 'node:stream'
import type { Protocol } from 'electron'
import { securityHeaders } from '../web/content-security-policy'
import { findStaticFile } from '../web/static-files'

const scheme = 'graft'

/** Where the page lives inside the app. */
export const studioOrigin = `${scheme}://studio`

/**
 * Makes `graft:` a scheme with an origin of its own; must be called before the app is ready. Under `file:` a page has
 * no origin, and no header (so no content security policy) can be sent with it.
 */
export function registerStudioScheme(protocol: Protocol): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

async function respond(rendererDir: string, url: string): Promise<Response> {
  const { host, pathname } = new URL(url)
  const file = host === 'studio' ? await findStaticFile(rendererDir, pathname) : undefined
  if (!file) return new Response('Not found\n', { status: 404, headers: securityHeaders })
  const body = Readable.toWeb(file.open()) as ReadableStream<Uint8Array>
  return new Response(body, { headers: { ...securityHeaders, 'content-type': file.type } })
}

/** Serves the built renderer at `graft://studio/`, with the same headers as the local web host. */
export function serveStudio(protocol: Protocol, rendererDir: string): void {
  protocol.handle(scheme, (request) => respond(rendererDir, request.url))
}
