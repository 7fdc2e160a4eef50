import { expect, test } from 'vitest'
import { gpuWgslBackend } from '../../../../main/engine/backends/gpu-wgsl'
import { checks, titledCases } from '../op-agreement'
import { float32Limit } from '../run-graph'
import { onDevice } from './on-device'

onDevice.each(checks)('an op $title', ({ applies, worst }) => {
  test.each(titledCases.filter(({ opCase }) => applies(opCase)))('$title', async ({ opCase }) => {
    expect(await worst(gpuWgslBackend(), opCase)).toBeLessThan(float32Limit)
  })
})
