import { copyFile, link, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint'
import { atomicFileSink, HostError, writeFileAtomic } from '../../files'
import { STATE_FILE } from '../checkpoints'

const aboutSchema = z.object({
  /** What it was, in words that mean something elsewhere too: no path of this machine. */
  label: z.string(),
  /** What a person should know of it. */
  notes: z.array(z.string()),
})
/** What a run says of what it started from, also when that is gone. */
export type StartAbout = z.infer<typeof aboutSchema>

const ABOUT_FILE = 'about.json'

/**
 * Takes over a checkpoint's tensors into a new start folder. As a second name of the same file where the disk has such:
 * nothing is copied, and the file stays when the first name goes. Checkpoints are never written again, so that both agree.
 */
export async function keepState(checkpoint: string, start: string, about: StartAbout): Promise<void> {
  await mkdir(start, { recursive: true })
  const [from, to] = [join(checkpoint, STATE_FILE), join(start, STATE_FILE)]
  await link(from, to).catch(() => copyFile(from, to))
  await writeFileAtomic(join(start, ABOUT_FILE), JSON.stringify(about, undefined, 2))
}

/** Writes tensors, named by slot, into a new start folder. */
export async function writeState(tensors: readonly TensorToWrite[], start: string, about: StartAbout): Promise<void> {
  await mkdir(start, { recursive: true })
  const sink = await atomicFileSink(join(start, STATE_FILE))
  try {
    await writeSafetensors(sink, tensors, { format: 'graft-training-state' })
    await sink.commit()
  } finally {
    await sink.abort()
  }
  await writeFileAtomic(join(start, ABOUT_FILE), JSON.stringify(about, undefined, 2))
}

/** The file with the tensors that a run began with, by slot name. */
export const startState = (start: string): string => join(start, STATE_FILE)

/** @throws HostError `start-missing` where the run's own copy of it is gone */
export async function readStartAbout(start: string): Promise<StartAbout> {
  const text = await readFile(join(start, ABOUT_FILE), 'utf8').catch(() => undefined)
  if (text !== undefined) return aboutSchema.parse(JSON.parse(text))
  const message = `${start}: expected what the run starts from, got no such folder; start the run anew`
  throw new HostError('start-missing', message, { path: start })
}
