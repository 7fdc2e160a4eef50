import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { evidenceSchema, type Evidence } from '../../preload/contract'

/** What the methods did in the comparison that comes with the app; `npm run bench -- methods --write` makes the file. */
export async function readEvidence(resourcesDir: string): Promise<Evidence> {
  return evidenceSchema.parse(JSON.parse(await readFile(join(resourcesDir, 'evidence', 'methods.json'), 'utf8')))
}
