import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mapDataset, removeDataset } from '../../../../../main/datasets'
import { resultOf } from '../../../../../main/jobs'
import {
  datasetSchema,
  type ColumnMapping,
  type Dataset,
  type JobEvent,
  type RunView,
} from '../../../../../preload/contract'
import { collect, waitFor } from '../../studio'
import { tinyStudio, type TinyStudio } from '../tiny-studio'

let studio: TinyStudio
beforeAll(async () => {
  studio = await tinyStudio()
})
afterAll(() => studio.close())

const mapping: ColumnMapping = { form: 'mapped', input: ['q'], answer: 'a' }

/** Imports rows under a name that nothing else has, and says what the columns are. */
async function importRows(name: string, count: number): Promise<Dataset> {
  const path = join(studio.install.root, `${name}.jsonl`)
  const rows = Array.from({ length: count }, (_, n) => JSON.stringify({ q: `Count ${n}`, a: `${n}`, b: `not ${n}` }))
  await writeFile(path, `${rows.join('\n')}\n`)
  const { dataset } = await resultOf(studio.queue.startJob({ kind: 'import', payload: { path } }))
  return mapDataset(studio.paths.datasets, datasetSchema.parse(dataset).id, mapping)
}

/** A run that was stopped at its third step. */
async function stoppedRun(datasetId: string, validationId: string): Promise<string> {
  const validation = { kind: 'dataset', id: validationId } as const
  const spec = studio.spec({ validation, evaluateEvery: 0, checkpointEvery: 0 })
  const id = await studio.jobs.createAndStart({ ...spec, dataset: { id: datasetId } })
  const isThird = (event: JobEvent): boolean => event.type === 'step' && event.step === 3
  await waitFor(studio.jobs.events(id, 0), isThird)
  await studio.jobs.control(id, 'stop-keep')
  await collect(studio.jobs.events(id, 0))
  return id
}

async function resumed(id: string): Promise<RunView> {
  const { lastSeq } = await studio.jobs.view(id)
  await studio.jobs.resume(id)
  await collect(studio.jobs.events(id, lastSeq))
  return studio.jobs.view(id)
}

describe('a run whose data have changed since it was stopped', () => {
  let id: string
  let count = 0
  let names: { readonly trained: string; readonly held: string }
  beforeEach(async () => {
    names = { trained: `trained${count}`, held: `held${count++}` }
    await importRows(names.trained, 40)
    await importRows(names.held, 6)
    id = await stoppedRun(names.trained, names.held)
  })

  it('refuses other rows under the old name, keeps its checkpoint, and goes on once the old ones are back', async () => {
    const { datasets } = studio.paths
    const aside = join(studio.install.root, names.trained)
    await rename(join(datasets, names.trained), aside)
    const other = await importRows(names.trained, 41)
    expect(other.id).toBe(names.trained)
    const { state, failure, step, prepared } = await resumed(id)
    expect(state).toBe('failed')
    expect(failure).toMatchObject({ code: 'resume-impossible' })
    expect(failure?.message).toBe(
      `dataset ${other.id}: expected the rows that the run started with (fingerprint ${prepared?.fingerprint?.slice(0, 12)}), ` +
        `got others (${other.fingerprint.slice(0, 12)}); remove this dataset and import the earlier file under the same name, or start a new run`,
    )
    expect(step).toBeGreaterThanOrEqual(3)

    await removeDataset(datasets, other.id)
    await rename(aside, join(datasets, names.trained))
    expect(await resumed(id)).toMatchObject({ state: 'done', step: 24 })
  })

  it('refuses other columns, and other rows to be measured on', async () => {
    await mapDataset(studio.paths.datasets, names.held, { ...mapping, answer: 'b' })
    const { state, failure } = await resumed(id)
    expect([state, failure?.code]).toEqual(['failed', 'resume-impossible'])
    expect(failure?.message).toMatch(
      /^dataset held\d: expected its columns as the run started with them, \{.*"answer":"a"\}, got \{.*"answer":"b"\}; map/,
    )
    await mapDataset(studio.paths.datasets, names.held, mapping)
    expect((await resumed(id)).state).toBe('done')
  })

  it('says that the dataset is gone', async () => {
    await removeDataset(studio.paths.datasets, names.trained)
    const { state, failure } = await resumed(id)
    expect([state, failure?.code]).toEqual(['failed', 'dataset-missing'])
  })
})
