import type { Dataset, RunSpec, RunView } from '../../../../../preload/contract'
import { openDataset } from '../../../../datasets'
import { GraftError } from '../../../../engine/errors'
import type { HeldRows } from '../prepare-rows'

/** What a run says of its data before it starts. */
type Fingerprints = Pick<
  NonNullable<RunView['prepared']>,
  'fingerprint' | 'reading' | 'validationFingerprint' | 'validationReading'
>

const readingOf = ({ form, mapping }: Dataset): string => JSON.stringify(mapping ?? { form })

export function fingerprintsOf({ dataset, validationDataset }: Pick<HeldRows, 'dataset' | 'validationDataset'>) {
  return {
    fingerprint: dataset.fingerprint,
    reading: readingOf(dataset),
    ...(validationDataset && {
      validationFingerprint: validationDataset.fingerprint,
      validationReading: readingOf(validationDataset),
    }),
  } satisfies Fingerprints
}

/**
 * A run that goes on must meet the rows that it started with: its order of rows, its split and its losses would else
 * mean something else from here on. What a run of an older version did not say is not asked.
 * @throws GraftError `resume-impossible`; like `openDataset` where there is no such dataset any more
 */
export async function requireSameData(
  { dataset, training }: RunSpec,
  { prepared }: RunView,
  datasetsDir: string,
): Promise<void> {
  if (prepared === undefined) return
  const { fingerprint, reading, validationFingerprint, validationReading } = prepared
  await requireSame(datasetsDir, dataset.id, { fingerprint, reading })
  if (training.validation?.kind !== 'dataset') return
  const told = { fingerprint: validationFingerprint, reading: validationReading }
  await requireSame(datasetsDir, training.validation.id, told)
}

async function requireSame(
  datasetsDir: string,
  id: string,
  told: Pick<Fingerprints, 'fingerprint' | 'reading'>,
): Promise<void> {
  const opened = await openDataset(datasetsDir, id)
  await opened.close()
  const now = fingerprintsOf(opened)
  const isOther = (what: 'fingerprint' | 'reading'): boolean => told[what] !== undefined && told[what] !== now[what]
  if (isOther('fingerprint')) throw otherRows(id, told.fingerprint ?? '', now.fingerprint)
  if (isOther('reading')) throw otherReading(id, told.reading ?? '', now.reading)
}

const short = (fingerprint: string): string => fingerprint.slice(0, 12)

function otherRows(id: string, before: string, now: string): GraftError {
  const message = `dataset ${id}: expected the rows that the run started with (fingerprint ${short(before)}), got others (${short(now)}); remove this dataset and import the earlier file under the same name, or start a new run`
  return new GraftError('resume-impossible', message, { dataset: id, expected: before, got: now })
}

function otherReading(id: string, before: string, now: string): GraftError {
  const message = `dataset ${id}: expected its columns as the run started with them, ${before}, got ${now}; map them as they were, or start a new run`
  return new GraftError('resume-impossible', message, { dataset: id, expected: before, got: now })
}
