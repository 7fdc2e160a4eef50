import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sampleInfoSchema } from '../../preload/contract'

const sampleIndexSchema = z.array(sampleInfoSchema.extend({ file: z.string() }))

/** A dataset that comes with the app; `file` is its path. */
export type SampleDataset = z.infer<typeof sampleIndexSchema>[number]

/** The embedded sample datasets, as resources/datasets/index.json lists them. */
export async function sampleDatasets(resourcesDir: string): Promise<SampleDataset[]> {
  const folder = join(resourcesDir, 'datasets')
  const samples = sampleIndexSchema.parse(JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')))
  return samples.map((sample) => ({ ...sample, file: join(folder, sample.file) }))
}
