import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderFileSource } from '../../../main/files'
import type { Backend } from '../../../main/engine/plan'
import { replayGolden, type GoldenReport } from '../../../main/engine/train/golden'

/** The folders of test/goldens that hold a training run of the reference: a new one is replayed without being listed. */
export const goldenCases = (goldens: string): string[] =>
  readdirSync(goldens).filter((name) => existsSync(join(goldens, name, 'case.json')))

/** Trains as the reference did. @param goldens the folder test/goldens */
export async function replayCase(goldens: string, name: string, backend: Backend): Promise<GoldenReport> {
  const folder = join(goldens, name)
  const { model: base } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as { model: string }
  const [files, adapter, model] = [
    folderFileSource(folder),
    folderFileSource(join(folder, 'adapter_init')),
    folderFileSource(join(folder, base)),
  ] as const
  try {
    return await replayGolden({ name, case: files, adapter, model, backend, threads: 2 })
  } finally {
    for (const source of [files, adapter, model]) await source.close()
  }
}
