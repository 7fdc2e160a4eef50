import { resolve } from 'node:path'
import type { ModelRef } from '../../../preload/contract'
import type { Speaker } from '../../jobs'
import { readAdapterMethod } from '../../models'
import { usageError } from '../exit'
import type { Session } from '../session'
import { parseModelRef } from './build-run-spec'

/** What is to answer: as it was asked for. */
export interface SpeakerOptions {
  readonly runs: readonly string[]
  readonly adapters: readonly string[]
  readonly model: string | undefined
  /** The base model answers too. */
  readonly base: boolean
}

export interface Speakers {
  readonly model: ModelRef
  readonly speakers: readonly Speaker[]
}

const pathOf = (model: ModelRef): string => (model.kind === 'starter' ? 'starter' : resolve(model.path))

/** The base model that all stand on: the runs' own, or the one that is named. @throws CliError (usage) */
async function commonModel({ studio }: Session, { runs, model }: SpeakerOptions): Promise<ModelRef> {
  const models = await Promise.all(runs.map(async (id) => (await studio.runs.view(id)).spec.model))
  const [first, ...others] = models
  if (!first) {
    if (model !== undefined) return parseModelRef(model)
    throw usageError('--adapter: expected --model or a run with it, which says the base model, got neither; name it')
  }
  if (model !== undefined)
    throw usageError('--model: expected it without a run, which has its own, got both; leave it out')
  const other = others.find((each) => pathOf(each) !== pathOf(first))
  if (!other) return first
  throw usageError(
    `sample: expected runs on one base model, got "${pathOf(first)}" and "${pathOf(other)}"; let them answer one after the other`,
  )
}

/**
 * Who answers a prompt on one loaded model: the runs, then the adapters, in their order; before them the base model, where
 * there is more than one or it is asked for.
 * @throws CliError (usage); HostError or GraftError for a run or an adapter folder that there is not
 */
export async function speakersOf(session: Session, options: SpeakerOptions): Promise<Speakers> {
  const { runs, adapters, base } = options
  const model = await commonModel(session, options)
  const own = [
    ...runs.map((id): Speaker => ({ kind: 'run', name: id, id })),
    ...adapters.map((path): Speaker => ({ kind: 'adapter', name: path, path: resolve(path) })),
  ]
  // Asked before a model is loaded: a wrong folder is told at once.
  for (const speaker of own) if (speaker.kind === 'adapter') await readAdapterMethod(speaker.path)
  return { model, speakers: own.length > 1 || base ? [{ kind: 'base', name: 'base model' }, ...own] : own }
}
