import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'

/** The version in the package.json that a bundle in `out/main` belongs to. */
export async function readVersion(bundle: string): Promise<string> {
  const text = await readFile(resolve(bundle, '../../package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
