import type { Failure, JobEventBody, RunView } from '../../preload/contract'
import { HostError } from '../files'
import { listCheckpoints } from './checkpoints'
import { runPaths } from './run-folder'
import { lockHolder } from './run-lock'
import { openRun, readRunView, type OpenRun } from './run-store'
import { isActive, reduceRun } from './run-view'

/** What can be done after a job was lost. @param step of the latest checkpoint; undefined where nothing resumes */
export function resumeAdvice(step: number | undefined): string {
  if (step === undefined) return 'try again'
  if (step > 0) return `the run can be resumed from step ${step}`
  return 'no checkpoint had been saved yet: resuming starts from the beginning'
}

/** Why a job is interrupted that nobody stopped and whose worker did not fail. */
export function appClosed(resumeStep: number | undefined): Failure {
  const message = `job: expected to finish, but the app was closed or died; ${resumeAdvice(resumeStep)}`
  return { code: 'app-closed', message, ...(resumeStep !== undefined && { details: { resumeStep } }) }
}

/**
 * The run's view from its files, put right: a run whose log says that somebody is at work, while nobody holds its lock,
 * is marked `interrupted` (once; afterwards its log says so). A run at which another process is at work is left alone.
 */
export async function settleRun(runsFolder: string, id: string, now: () => string): Promise<RunView> {
  const view = await readRunView(runsFolder, id)
  if (!isActive(view.state) || (await lockHolder(runPaths(runsFolder, id).lock))) return view
  const run = await openRun(runsFolder, id).catch((error: unknown) => {
    // Somebody was quicker, to settle it or to resume it.
    if (error instanceof HostError && error.code === 'run-locked') return undefined
    throw error
  })
  if (!run) return view
  try {
    return isActive(run.view.state) ? await markInterrupted(run, now) : run.view
  } finally {
    await run.close()
  }
}

async function markInterrupted({ view, log, paths }: OpenRun, now: () => string): Promise<RunView> {
  // A worker that lost its supervisor saves a last checkpoint, and nobody is left to log it.
  const known = view.checkpoints.at(-1)?.step ?? -1
  const complete = await listCheckpoints(paths.checkpoints)
  const unlogged = complete.filter((checkpoint) => checkpoint.step > known)
  const bodies: JobEventBody[] = [
    ...unlogged.map(({ step, best }) => ({ type: 'checkpoint' as const, step, best })),
    { type: 'state', state: 'interrupted', failure: appClosed(complete.at(-1)?.step ?? 0) },
  ]
  let settled = view
  for (const body of bodies) {
    const event = { seq: settled.lastSeq + 1, time: now(), ...body }
    log.append(event)
    settled = reduceRun(settled, event)
  }
  await log.flush()
  return settled
}
