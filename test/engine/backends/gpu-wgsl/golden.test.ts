import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { gpuWgslBackend } from '../../../../main/engine/backends/gpu-wgsl'
import { replayCase } from '../../train/replay-case'
import { onDevice } from './on-device'

const goldens = fileURLToPath(new URL('../../../goldens/', import.meta.url))

onDevice('a training run on the GPU', () => {
  // A graphics driver in software is slow: these two, and all cases by hand on a real device (test/gpu/report.ts).
  test.each(['llama-full', 'llama-lora'])('%s follows the reference run', async (name) => {
    expect(await replayCase(goldens, name, gpuWgslBackend())).toMatchObject({ pass: true })
  })
})
