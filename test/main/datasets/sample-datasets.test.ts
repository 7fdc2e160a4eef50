import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSettingsSchema } from '../../../preload/contract'
import { sampleDatasets } from '../../../main/datasets'
import { tempFolder } from './helpers'

describe('sampleDatasets', () => {
  it('lists the samples with the paths of their files', async () => {
    const resources = await tempFolder()
    await mkdir(join(resources, 'datasets'))
    const title = { en: 'Sums', zh: '加法' }
    const sample = {
      id: 'sums',
      file: 'sums.jsonl',
      title,
      description: title,
      settings: runSettingsSchema.parse({ method: { id: 'lora' } }),
    }
    await writeFile(join(resources, 'datasets', 'index.json'), JSON.stringify([sample]))
    expect(await sampleDatasets(resources)).toEqual([{ ...sample, file: join(resources, 'datasets', 'sums.jsonl') }])
  })
})
