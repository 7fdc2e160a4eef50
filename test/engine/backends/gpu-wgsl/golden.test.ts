import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { gpuWgslBackend } from '../../../../main/engine/backends/gpu-wgsl'
import { goldenCases, replayCase } from '../../train/replay-case'
import { onDevice } from './on-device'

const goldens = fileURLToPath(new URL('../../../goldens/', import.meta.url))

onDevice('a training run on the GPU', () => {
  test.each(goldenCases)('%s follows the reference run', async (name) => {
    expect(await replayCase(goldens, name, gpuWgslBackend())).toMatchObject({ pass: true })
  })
})
