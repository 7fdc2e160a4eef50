import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export const tokenHeader = 'x-graft-token'

export interface Refusal {
  readonly status: 401 | 403
  readonly reason: string
}

const names = ['127.0.0.1', 'localhost']

// Hashing first makes both sides equally long, which timingSafeEqual demands.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Whether a request comes from this studio's own page. The Host header is checked against DNS rebinding (another site's
 * name that resolves to this machine), the Origin header against other pages in the same browser.
 */
export function refuseForeign(headers: IncomingHttpHeaders, port: number): Refusal | undefined {
  const hosts = names.map((name) => `${name}:${port}`)
  if (!headers.host || !hosts.includes(headers.host)) {
    return { status: 403, reason: `Host: expected ${hosts.join(' or ')}, got ${headers.host ?? 'none'}` }
  }
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`)) {
    return { status: 403, reason: `Origin: expected this studio's own page, got ${headers.origin}` }
  }
  return undefined
}

/** Whether a request carries the token that was printed at the start; compared in constant time. */
export function refuseWithoutToken(headers: IncomingHttpHeaders, token: string): Refusal | undefined {
  const given = headers[tokenHeader]
  if (typeof given === 'string' && timingSafeEqual(digest(given), digest(token))) return undefined
  return { status: 401, reason: `${tokenHeader}: expected the token of the printed address; open that address again` }
}
