import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openStudio, type Studio } from '../../../main/service'
import { bundleEntry } from '../../helpers/bundle'
import { writeTinyModel } from '../../helpers/tiny-model'

const bundle = resolve(import.meta.dirname, '../../../out/main')

export interface SmallStudio {
  readonly studio: Studio
  readonly rendererDir: string
  close(): Promise<void>
}

/** Resources with one sample of three rows and a starter of random weights, so that the test does not depend on what the app ships. */
export async function writeResources(folder: string): Promise<void> {
  const samples = [
    {
      id: 'tiny',
      file: 'tiny.jsonl',
      title: { en: 'Tiny', zh: '小' },
      description: { en: 'Three rows', zh: '三行' },
      settings: { method: { id: 'lora' }, training: { steps: 60 } },
    },
  ]
  await writeTinyModel(join(folder, 'starter'))
  await mkdir(join(folder, 'datasets'), { recursive: true })
  await writeFile(join(folder, 'datasets', 'index.json'), JSON.stringify(samples))
  const rows = [1, 2, 3].map((number) =>
    JSON.stringify({ instruction: `Say ${number}`, input: '', output: `${number}` }),
  )
  await writeFile(join(folder, 'datasets', 'tiny.jsonl'), rows.join('\n'))
}

/** The whole Node side over a fresh workspace, with a worker that counts instead of training. */
export async function openSmallStudio(): Promise<SmallStudio> {
  const root = await mkdtemp(join(tmpdir(), 'graft-service-'))
  const packagedResources = join(root, 'resources')
  const rendererDir = join(root, 'renderer')
  await writeResources(packagedResources)
  await mkdir(rendererDir)
  await writeFile(join(rendererDir, 'index.html'), '<p>studio</p>')
  const workerEntry = await bundleEntry('../main/service/small-worker.ts')
  const studio = await openStudio({ bundle, workspace: join(root, 'workspace'), packagedResources, workerEntry })
  const close = async (): Promise<void> => {
    await studio.close()
    await rm(root, { recursive: true, force: true })
  }
  return { studio, rendererDir, close }
}
