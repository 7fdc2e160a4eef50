import type { RunSpec } from '../../../preload/contract'
import { defineFor, fingerprintBase, openBaseModel, resolveModelDir } from '../../models'
import type { PreparedStart, StartBase, StartPlaces } from './start'
import { startFromAdapter } from './start-from-adapter'
import { startFromRun } from './start-from-run'

async function openBase({ model: ref, task }: RunSpec, places: StartPlaces): Promise<StartBase> {
  const model = await openBaseModel(resolveModelDir(ref, places))
  try {
    const definition = defineFor(await model.config(), task)
    const fingerprint = await fingerprintBase(definition, await model.weights(definition))
    return { name: model.name, definition, fingerprint }
  } finally {
    await model.close()
  }
}

/**
 * Finds what a run is to start from and checks that it fits: all that can be known before training.
 * @returns undefined for a run that starts from its base model
 * @throws HostError `start-mismatch`, `start-missing`, `run-missing`, `run-untrained`; GraftError for a base model or an
 * adapter that cannot be read
 */
export async function prepareStart(spec: RunSpec, places: StartPlaces): Promise<PreparedStart | undefined> {
  const { startFrom } = spec
  if (!startFrom) return undefined
  const base = await openBase(spec, places)
  return startFrom.kind === 'run'
    ? startFromRun({ spec, startFrom, base, places })
    : startFromAdapter({ spec, startFrom, base, places })
}
