import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { replayGolden } from '../../../main/engine/train/golden'
import { folderFileSource } from '../../../main/files'

const root = fileURLToPath(new URL('../../goldens/', import.meta.url))
const cases = ['llama-full', 'llama-lora', 'llama-rslora', 'llama-tied-scaled-full', 'llama-tied-scaled-lora-qv']
const modelOf = (name: string): string => (name.startsWith('llama-tied-scaled') ? 'llama-tied-scaled' : 'llama')

const backends = [cpuOnnxBackend, referenceBackend]
const rows = backends.flatMap((backend) => cases.map((name) => ({ name, backend, on: backend.name })))

test.each(rows)('$name on $on follows the reference run', async ({ name, backend }) => {
  const files = folderFileSource(`${root}${name}`)
  const adapter = folderFileSource(`${root}${name}/adapter_init`)
  const model = folderFileSource(`${root}models/${modelOf(name)}`)
  onTestFinished(async () => {
    for (const folder of [files, adapter, model]) await folder.close()
  })
  const report = await replayGolden({ name: basename(name), case: files, adapter, model, backend, threads: 2 })
  expect(report).toMatchObject({ pass: true })
})
