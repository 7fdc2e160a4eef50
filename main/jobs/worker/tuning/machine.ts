import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../../files'

const machineSchema = z.object({ threads: z.number().int().min(1) })

/**
 * Threads of a run: resolved when it first starts, stored with it and used again, since the number of threads decides
 * the order of sums and so the last digits of every result.
 */
export async function threadsOfRun(runFolder: string, asked: number): Promise<number> {
  const path = join(runFolder, 'machine.json')
  const stored = await readFile(path, 'utf8').catch(() => undefined)
  if (stored !== undefined) return machineSchema.parse(JSON.parse(stored)).threads
  const threads = asked > 0 ? asked : availableParallelism()
  await writeFileAtomic(path, JSON.stringify({ threads }))
  return threads
}
