import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { openSafetensors } from '../../../engine/checkpoint'
import { readTrainables, readTrainingState, writeTrainingState, type Progress } from '../../../engine/train'
import { atomicFileSink, fileByteSource, writeFileAtomic } from '../../../files'
import {
  beginCheckpoint,
  completeCheckpoint,
  latestCheckpoint,
  pruneCheckpoints,
  STATE_FILE,
  type Checkpoint,
} from '../../../runs'
import { wordsSchema, type RecentWords } from './recent-words'
import type { TuningEngine } from './tuning-engine'

const PROGRESS_FILE = 'progress.json'
const WORDS_FILE = 'words.json'

const progressSchema = z.object({
  step: z.number().int().min(0),
  tokens: z.number(),
  // Older checkpoints did not count them.
  trainedTokens: z.number().default(0),
  bestLoss: z.number().optional(),
  bestStep: z.number().optional(),
  stale: z.number(),
  firstLoss: z.number().optional(),
  highSteps: z.number(),
})

/** Writes the trained tensors, the optimiser's moments, where the run stands and what it said last; whole, or not at all. */
export async function saveCheckpoint(
  checkpoints: string,
  engine: TuningEngine,
  progress: Progress,
  words: ReturnType<RecentWords['list']>,
): Promise<Checkpoint> {
  const folder = await beginCheckpoint(checkpoints, progress.step)
  try {
    await writeFiles(folder, engine, progress, words)
  } catch (error) {
    // On a full disk the room is wanted back.
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  const checkpoint = await completeCheckpoint(folder, progress.step, progress.bestStep === progress.step)
  await pruneCheckpoints(checkpoints)
  return checkpoint
}

async function writeFiles(
  folder: string,
  engine: TuningEngine,
  progress: Progress,
  words: ReturnType<RecentWords['list']>,
): Promise<void> {
  const sink = await atomicFileSink(join(folder, STATE_FILE))
  try {
    await writeTrainingState(engine.executor, engine.method, sink)
    await sink.commit()
  } finally {
    await sink.abort()
  }
  await writeFileAtomic(join(folder, PROGRESS_FILE), JSON.stringify(progress))
  await writeFileAtomic(join(folder, WORDS_FILE), JSON.stringify(words))
}

/** Opens a checkpoint's tensors for the time of `use`. */
export async function withState<T>(
  checkpoint: Checkpoint,
  use: (file: Awaited<ReturnType<typeof openSafetensors>>) => Promise<T>,
): Promise<T> {
  const source = await fileByteSource(join(checkpoint.folder, STATE_FILE))
  try {
    return await use(await openSafetensors(source))
  } finally {
    await source.close()
  }
}

/** Where a run goes on. */
export interface ResumePoint {
  readonly checkpoint: Checkpoint
  readonly progress: Progress
  readonly words: ReturnType<RecentWords['list']>
}

/** Loads the latest complete checkpoint into the engine, or returns undefined where there is none. */
export async function resumeFrom(checkpoints: string, engine: TuningEngine): Promise<ResumePoint | undefined> {
  const checkpoint = await latestCheckpoint(checkpoints)
  if (!checkpoint) return undefined
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(checkpoint.folder, name), 'utf8'))
  const progress = toProgress(progressSchema.parse(await read(PROGRESS_FILE)))
  const words = wordsSchema.parse(await read(WORDS_FILE))
  await withState(checkpoint, (file) => readTrainingState(engine.executor, engine.method, file))
  return { checkpoint, progress, words }
}

/** Without the fields that are absent: the loop tells them from undefined ones. */
function toProgress(stored: z.infer<typeof progressSchema>): Progress {
  const { step, tokens, trainedTokens, stale, highSteps, bestLoss, bestStep, firstLoss } = stored
  return {
    step,
    tokens,
    trainedTokens,
    stale,
    highSteps,
    ...(bestLoss === undefined ? {} : { bestLoss }),
    ...(bestStep === undefined ? {} : { bestStep }),
    ...(firstLoss === undefined ? {} : { firstLoss }),
  }
}

export async function loadResult(checkpoint: Checkpoint, engine: TuningEngine): Promise<void> {
  await withState(checkpoint, (file) => readTrainables(engine.executor, engine.method, file))
}
