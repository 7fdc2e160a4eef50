import { resolve } from 'node:path'
import type { RunView, StartFrom } from '../../../preload/contract'
import { readAdapterMethod } from '../../models'
import { usageError } from '../exit'
import type { Session } from '../session'
import type { Tree } from './tree'

/** What a run that continues takes over, unless it is told otherwise. */
function settingsOf({ spec }: RunView, startFrom: StartFrom): Tree {
  return { ...spec, ...(spec.name && { name: `${spec.name} (continued)`.slice(0, 120) }), startFrom }
}

/** `best`, `last`, or a step. @throws CliError (usage) */
function parseCheckpoint(text: string): Extract<StartFrom, { kind: 'run' }>['checkpoint'] {
  if (text === 'best' || text === 'last') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw usageError(`--checkpoint: expected best, last or a step, got "${text}"`)
}

/**
 * The settings that come with what `--continue` or `--adapter` names; none where neither is given.
 * @throws CliError (usage); HostError `run-missing`; GraftError for an adapter that cannot be read
 */
export async function readOrigin({ studio }: Session, options: Readonly<Record<string, unknown>>): Promise<Tree> {
  const { continue: run, adapter, checkpoint } = options as Partial<Record<string, string>>
  if (run !== undefined && adapter !== undefined)
    throw usageError('--adapter: expected either this or --continue, got both; leave one out')
  if (checkpoint !== undefined && run === undefined)
    throw usageError('--checkpoint: expected it with --continue, got it alone; name the run')
  if (run !== undefined) {
    const startFrom = { kind: 'run' as const, id: run, checkpoint: parseCheckpoint(checkpoint ?? 'best') }
    return settingsOf(await studio.runs.view(run), startFrom)
  }
  if (adapter === undefined) return {}
  const path = resolve(adapter)
  return { method: await readAdapterMethod(path), startFrom: { kind: 'adapter', path } }
}
