import { join } from 'node:path'
import type { RunSpec, RunView } from '../../../preload/contract'
import { openSafetensors } from '../../engine/checkpoint'
import { findMethod } from '../../engine/methods'
import { fileByteSource, HostError } from '../../files'
import { latestCheckpoint, listCheckpoints, resultCheckpoint, STATE_FILE, type Checkpoint } from '../checkpoints'
import { runPaths } from '../run-folder'
import { isActive } from '../run-view'
import { checkBase, checkTrained, methodGoingOn } from './check-start'
import type { PreparedStart, StartBase, StartRequest } from './start'
import { keepState } from './start-folder'

type Wanted = Extract<RunSpec['startFrom'], { kind: 'run' }>['checkpoint']

async function findCheckpoint(checkpoints: string, id: string, wanted: Wanted): Promise<Checkpoint> {
  if (wanted === 'best') return resultCheckpoint(checkpoints, id)
  if (wanted === 'last') return (await latestCheckpoint(checkpoints)) ?? resultCheckpoint(checkpoints, id)
  const kept = await listCheckpoints(checkpoints)
  const found = kept.find(({ step }) => step === wanted)
  if (found) return found
  const steps = kept.map(({ step }) => step).join(', ') || 'none'
  const message = `run "${id}": expected a checkpoint of step ${wanted}, got those of steps ${steps}; choose one of them, "best" or "last"`
  throw new HostError('start-missing', message, { id, step: wanted })
}

/** Half of a race would be copied, and what it will come to is not known yet. */
function requireAtRest({ id, state }: RunView): void {
  if (!isActive(state)) return
  const message = `run "${id}": expected one that has ended, to go on from, got one that is ${state}; wait for its end, or stop it`
  throw new HostError('start-busy', message, { id, state })
}

async function checkState(checkpoint: Checkpoint, spec: RunSpec, { definition }: StartBase): Promise<void> {
  const source = await fileByteSource(join(checkpoint.folder, STATE_FILE))
  try {
    const { trainable } = findMethod(spec.method.id).apply(definition, spec.method.parameters)
    checkTrained(trainable, await openSafetensors(source), 'that run')
  } finally {
    await source.close()
  }
}

/** What decides which of a dataset's rows are held out. */
function heldOut({ dataset, training }: RunSpec): string {
  const { seed, validationShare, validation, keepTogether } = training
  return JSON.stringify([dataset.id, dataset.mapping, seed, validationShare, validation, keepTogether])
}

function splitNotes(before: RunSpec, now: RunSpec): string[] {
  if (before.dataset.id !== now.dataset.id || heldOut(before) === heldOut(now)) return []
  return [
    'held out are other rows than in the run that this one continues: it may have been trained on some of them, and what is measured is partly memory',
  ]
}

/** Starts from a checkpoint of a run that has ended. */
export async function startFromRun({ spec, startFrom, base, places }: StartRequest<'run'>): Promise<PreparedStart> {
  const source = await places.view(startFrom.id)
  requireAtRest(source)
  const origin = `run "${source.id}"`
  const checkpoint = await findCheckpoint(runPaths(places.runs, source.id).checkpoints, source.id, startFrom.checkpoint)
  const method = methodGoingOn(source.spec.method, spec.method, origin)
  const filled = { ...spec, method, startFrom: { ...startFrom, checkpoint: checkpoint.step } }
  await checkState(checkpoint, filled, base)
  checkBase(source.prepared?.baseFingerprint, base.fingerprint, base.name, origin)
  const name = source.spec.name ? `"${source.spec.name}" (${source.id})` : `"${source.id}"`
  const about = { label: `run ${name}, step ${checkpoint.step}`, notes: splitNotes(source.spec, filled) }
  return {
    spec: filled,
    writeTo: (start) => keepState(checkpoint.folder, start, about),
    close: async () => undefined,
  }
}
