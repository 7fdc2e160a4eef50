import { join } from 'node:path'
import { HostError } from '../files'

/** What lies where in a run's folder. */
export interface RunPaths {
  readonly root: string
  readonly spec: string
  readonly events: string
  readonly checkpoints: string
  readonly exports: string
  readonly lock: string
  /** What a run that goes on from another, or from an adapter, began with. */
  readonly start: string
}

/**
 * The paths of one run.
 * @param folder the name of its folder while it is not a run yet
 * @throws HostError `run-missing` where the id could lead out of the runs folder.
 */
export function runPaths(runsFolder: string, id: string, folder = id): RunPaths {
  // Ids come over the API. Folders that a person renamed are welcome; separators, drives and hidden names are not.
  if (!/^[^./\\:\0][^/\\:\0]*$/.test(id)) throw runMissing(id)
  const root = join(runsFolder, folder)
  const at = (name: string): string => join(root, name)
  return {
    root,
    spec: at('spec.json'),
    events: at('events.jsonl'),
    checkpoints: at('checkpoints'),
    exports: at('exports'),
    lock: at('run.lock'),
    start: at('start'),
  }
}

export function runMissing(id: string): HostError {
  return new HostError(
    'run-missing',
    `run "${id}": expected a run of this workspace, got none of this id; list the runs`,
    {
      id,
    },
  )
}

/**
 * An id that sorts by time and says what it is: `20261124-080247-pirate-lora-k3f9`.
 * @param createdAt ISO 8601, UTC
 * @param suffix four characters that tell apart two runs of one name and second
 */
export function newRunId(name: string, createdAt: string, suffix: string): string {
  const [day = '', clock = ''] = createdAt.split('T')
  const stamp = `${day.replaceAll('-', '')}-${clock.slice(0, 8).replaceAll(':', '')}`
  return [stamp, slug(name) || 'run', suffix].join('-')
}

/** Letters and digits of any script, so that a Chinese name stays readable; at most 40 characters. */
function slug(name: string): string {
  const words =
    name
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return [...words.join('-')].slice(0, 40).join('').replace(/-$/, '')
}
