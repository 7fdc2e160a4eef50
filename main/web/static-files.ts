import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'

export interface StaticFile {
  readonly type: string
  readonly bytes: number
  /** File names under assets/ carry a hash of their content, so they never go stale. */
  readonly immutable: boolean
  readonly open: () => Readable
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json; charset=utf-8',
}

function decode(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path)
    return decoded.includes('\0') ? undefined : decoded
  } catch {
    return undefined
  }
}

/** The file of `root` that a request path names, or undefined: outside of root, of an unknown type, or not there. */
export async function findStaticFile(root: string, requestPath: string): Promise<StaticFile | undefined> {
  const decoded = decode(requestPath)
  if (decoded === undefined) return undefined
  const base = resolve(root)
  const path = resolve(base, `.${decoded.endsWith('/') ? `${decoded}index.html` : decoded}`)
  const type = types[extname(path)]
  if (!path.startsWith(base + sep) || type === undefined) return undefined
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return undefined
  const immutable = path.startsWith(resolve(base, 'assets') + sep)
  return { type, bytes: found.size, immutable, open: () => createReadStream(path) }
}
