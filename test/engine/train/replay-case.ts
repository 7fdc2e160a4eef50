import { folderFileSource } from '../../../main/files'
import type { Backend } from '../../../main/engine/plan'
import { replayGolden, type GoldenReport } from '../../../main/engine/train/golden'

/** The folders of test/goldens that hold a training run of the reference. */
export const goldenCases = [
  'llama-cls-full',
  'llama-full',
  'llama-lora',
  'llama-rslora',
  'llama-tied-scaled-full',
  'llama-tied-scaled-lora-qv',
]
/** The architecture comes first in a case's name; some of these names begin like others. */
const modelOf = (name: string): string =>
  ['llama-tied-scaled', 'llama-cls'].find((model) => name.startsWith(model)) ?? 'llama'

/** Trains as the reference did. @param goldens the folder test/goldens, with a slash at its end */
export async function replayCase(goldens: string, name: string, backend: Backend): Promise<GoldenReport> {
  const [files, adapter, model] = [
    folderFileSource(`${goldens}${name}`),
    folderFileSource(`${goldens}${name}/adapter_init`),
    folderFileSource(`${goldens}models/${modelOf(name)}`),
  ] as const
  try {
    return await replayGolden({ name, case: files, adapter, model, backend, threads: 2 })
  } finally {
    for (const folder of [files, adapter, model]) await folder.close()
  }
}
