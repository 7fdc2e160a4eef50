import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resultOf } from '../../../../main/jobs'
import { datasetSchema, type Dataset, type RunSpecInput, type RunView } from '../../../../preload/contract'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
let trained: Dataset
let held: Dataset
beforeAll(async () => {
  studio = await tinyStudio()
  const row = (n: number) => ({ prompt: `Count ${n >> 1}`, completion: `${n}`, split: n < 24 ? 'train' : 'test' })
  trained = await importRows(
    'trained',
    Array.from({ length: 30 }, (_, n) => row(n)),
  )
  held = await importRows('held', [row(0), { prompt: 'New', completion: 'one' }])
})
afterAll(() => studio.close())

async function importRows(name: string, rows: readonly object[]): Promise<Dataset> {
  const path = join(studio.install.root, `${name}.jsonl`)
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const { dataset } = await resultOf(studio.queue.startJob({ kind: 'import', payload: { path } }))
  return datasetSchema.parse(dataset)
}

async function prepared(training: RunSpecInput['training']): Promise<RunView> {
  const spec = studio.spec({ steps: 1, batchSize: 2, accumulation: 1, maxLength: 128, ...training })
  const id = await studio.jobs.createAndStart({ ...spec, dataset: { id: trained.id } })
  await collect(studio.jobs.events(id, 0))
  return studio.jobs.view(id)
}

it('is a share that no prompt straddles, and the run says what it was trained on', async () => {
  const { state, prepared: told, result } = await prepared({ validationShare: 0.2 })
  expect(state).toBe('done')
  expect(told).toMatchObject({ trainRows: 24, validationRows: 6, fingerprint: trained.fingerprint, notes: [] })
  expect(told).not.toHaveProperty('validationFingerprint')
  expect(result?.['fingerprint']).toBe(trained.fingerprint)
})

it('is the rows of another dataset, and tells which of them are known', async () => {
  const { prepared: told } = await prepared({ validation: { kind: 'dataset', id: held.id } })
  expect(told).toMatchObject({ trainRows: 30, validationRows: 2, validationFingerprint: held.fingerprint })
  expect(told?.notes).toEqual([expect.stringMatching(/^1 of 2 validation rows ask what a training row asks too/)])
})

it('is the rows with a value in a column', async () => {
  const { prepared: told } = await prepared({ validation: { kind: 'column', column: 'split', value: 'test' } })
  expect(told).toMatchObject({ trainRows: 24, validationRows: 6, notes: [] })
})

it.each([
  [
    { kind: 'column', column: 'part', value: 'test' },
    /expected one of the columns prompt, completion, split, got "part"/,
  ],
  [
    { kind: 'column', column: 'split', value: 'dev' },
    /expected rows with "dev" in the column "split", got none; choose/,
  ],
  [{ kind: 'dataset', id: 'none' }, /dataset none: expected/],
] as const)('fails with what there is instead: %j', async (validation, message) => {
  const { state, failure } = await prepared({ validation })
  expect(state).toBe('failed')
  expect(failure?.message).toMatch(message)
})
