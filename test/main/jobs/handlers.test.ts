import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { listDatasets } from '../../../main/datasets'
import { resultOf } from '../../../main/jobs'
import { datasetSchema } from '../../../preload/contract'
import { bundleEntry } from '../../helpers/bundle'
import { collect, openStudio, type Studio } from './studio'

let studio: Studio
let folder: string
beforeAll(async () => {
  studio = await openStudio(await bundleEntry('../../main/jobs/worker/index.ts'))
  folder = await mkdtemp(join(tmpdir(), 'graft-import-'))
})

const importJob = async (
  file: string,
  text: string,
  name?: string,
): Promise<ReturnType<Studio['queue']['startJob']>> => {
  const path = join(folder, file)
  await writeFile(path, text)
  return studio.queue.startJob({ kind: 'import', payload: { path, ...(name && { name }) } })
}

describe('the app’s own worker', () => {
  it('imports a file, telling its progress, and brings the dataset', async () => {
    const job = await importJob('capitals.jsonl', '{"prompt":"France","completion":"Paris"}\n', 'Capitals')
    const dataset = datasetSchema.parse((await resultOf(job))['dataset'])
    expect(dataset).toMatchObject({
      name: 'Capitals',
      sourceFile: 'capitals.jsonl',
      rows: 1,
      form: 'prompt-completion',
    })
    const stages = (await collect(job.events(0))).filter((event) => event.type === 'stage')
    expect(stages.at(-1)).toMatchObject({ stage: 'import', done: dataset.bytes, total: dataset.bytes })
    expect((await listDatasets(studio.paths.datasets)).datasets).toEqual([dataset])
  })

  it('passes on why an import failed, and leaves nothing behind', async () => {
    const before = await readdir(studio.paths.datasets)
    const job = await importJob('empty.jsonl', 'not json\n')
    await expect(resultOf(job)).rejects.toMatchObject({ code: 'dataset-empty' })
    expect(await readdir(studio.paths.datasets)).toEqual(before)
  })

  it('replays a reference case of one quantised tensor', async () => {
    const dir = fileURLToPath(new URL('../../goldens/nf4/fp4-gauss-64x96.safetensors', import.meta.url))
    const result = await resultOf(studio.queue.startJob({ kind: 'golden', payload: { dir } }))
    expect(result).toMatchObject({ case: 'fp4-gauss-64x96', pass: true })
  })

  it('says what the machine offers', async () => {
    const result = await resultOf(studio.queue.startJob({ kind: 'doctor', payload: {} }))
    expect(result).toMatchObject({ node: process.version, library: expect.stringMatching(/^onnxruntime \d/) })
    expect(Number(result['memoryTotal'])).toBeGreaterThan(Number(result['workerBytes']))
  })
})
