import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { goldenCases, replayCase } from './replay-case'

const goldens = fileURLToPath(new URL('../../goldens/', import.meta.url))

test.each(goldenCases(goldens))('%s follows the reference run', async (name) => {
  expect(await replayCase(goldens, name, cpuOnnxBackend)).toMatchObject({ pass: true })
})

// Every op is held against this back end by itself: a few whole runs show that it keeps books as the others do.
test.each(['llama-cls-full', 'llama-lora', 'llama-prefix-projected', 'llama-tied-scaled-full'])(
  '%s follows the reference run in float64',
  async (name) => {
    expect(await replayCase(goldens, name, referenceBackend)).toMatchObject({ pass: true })
  },
)
