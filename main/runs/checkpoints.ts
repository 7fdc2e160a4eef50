import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { HostError, writeFileAtomic } from '../files'

/** Written last: a checkpoint folder with a manifest, and every file of it at its full size, is complete. */
const manifestSchema = z.object({
  version: z.literal(1),
  step: z.number().int().min(0),
  /** The best validation loss so far was measured at this step. */
  best: z.boolean(),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
})

export interface Checkpoint {
  readonly step: number
  readonly best: boolean
  readonly folder: string
}

const MANIFEST = 'manifest.json'
/** The trained tensors and the optimiser's moments, by slot name, in float32. */
export const STATE_FILE = 'state.safetensors'

/** The folder for a checkpoint's files, empty. One of the same step that was begun or finished before is replaced. */
export async function beginCheckpoint(checkpoints: string, step: number): Promise<string> {
  const folder = join(checkpoints, String(step))
  await removeCheckpoint(folder)
  await mkdir(folder, { recursive: true })
  return folder
}

/** Declares the files in the folder complete; nothing may be written there afterwards. */
export async function completeCheckpoint(folder: string, step: number, best: boolean): Promise<Checkpoint> {
  const names = (await readdir(folder)).sort()
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })))
  const manifest: z.infer<typeof manifestSchema> = { version: 1, step, best, files }
  await writeFileAtomic(join(folder, MANIFEST), JSON.stringify(manifest, undefined, 2))
  return { step, best, folder }
}

/** The complete checkpoints by ascending step. Half-written ones are passed over, and so is what is no checkpoint. */
export async function listCheckpoints(checkpoints: string): Promise<readonly Checkpoint[]> {
  const found = await Promise.all((await checkpointFolders(checkpoints)).map(readCheckpoint))
  return found.filter((checkpoint) => checkpoint !== undefined).sort((a, b) => a.step - b.step)
}

/** The one to resume from. */
export async function latestCheckpoint(checkpoints: string): Promise<Checkpoint | undefined> {
  return (await listCheckpoints(checkpoints)).at(-1)
}

/** The newest of those marked best. */
export async function bestCheckpoint(checkpoints: string): Promise<Checkpoint | undefined> {
  return (await listCheckpoints(checkpoints)).findLast((checkpoint) => checkpoint.best)
}

/** The one that a run is judged and exported by: the best, else the latest. @throws HostError `run-untrained` */
export async function resultCheckpoint(checkpoints: string, runId: string): Promise<Checkpoint> {
  const checkpoint = (await bestCheckpoint(checkpoints)) ?? (await latestCheckpoint(checkpoints))
  if (checkpoint) return checkpoint
  throw new HostError(
    'run-untrained',
    `run "${runId}": expected a checkpoint, got none yet; let it train for a while`,
    { runId },
  )
}

/**
 * Keeps the last `keepLast` and the best, removes the others and all that is half-written. Only for the run's writer,
 * and only while it writes no checkpoint.
 * @returns what is left
 */
export async function pruneCheckpoints(checkpoints: string, keepLast = 2): Promise<readonly Checkpoint[]> {
  const complete = await listCheckpoints(checkpoints)
  const best = complete.findLast((checkpoint) => checkpoint.best)
  const kept = complete.filter((checkpoint, at) => at >= complete.length - keepLast || checkpoint === best)
  const keptFolders = new Set(kept.map((checkpoint) => checkpoint.folder))
  for (const folder of await checkpointFolders(checkpoints)) {
    if (!keptFolders.has(folder)) await removeCheckpoint(folder)
  }
  return kept
}

async function checkpointFolders(checkpoints: string): Promise<readonly string[]> {
  const names = await readdir(checkpoints).catch(() => [])
  return names.filter((name) => /^\d+$/.test(name)).map((name) => join(checkpoints, name))
}

/** The manifest goes first, so that a removal cut short leaves nothing that looks complete. */
async function removeCheckpoint(folder: string): Promise<void> {
  await rm(join(folder, MANIFEST), { force: true })
  await rm(folder, { recursive: true, force: true })
}

async function readCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  try {
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')))
    for (const file of manifest.files) {
      if ((await stat(join(folder, file.name))).size !== file.bytes) return undefined
    }
    return { step: manifest.step, best: manifest.best, folder }
  } catch {
    // Missing or torn: not complete, which is an ordinary thing to find after a crash.
    return undefined
  }
}
