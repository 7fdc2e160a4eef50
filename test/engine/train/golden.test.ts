import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { goldenCases, referenceCases, replayCase } from './replay-case'

const goldens = fileURLToPath(new URL('../../goldens/', import.meta.url))
const runs = [
  { backend: cpuOnnxBackend, cases: goldenCases },
  { backend: referenceBackend, cases: referenceCases },
]
const rows = runs.flatMap(({ backend, cases }) => cases.map((name) => ({ name, backend, on: backend.name })))

test.each(rows)('$name on $on follows the reference run', async ({ name, backend }) => {
  expect(await replayCase(goldens, name, backend)).toMatchObject({ pass: true })
})
