import { expect, test } from 'vitest'
import { gpuWgslBackend } from '../../../../main/engine/backends/gpu-wgsl'
import { checks, titledCases } from '../op-agreement'
import { float32Limit } from '../run-graph'
import { onDevice } from './on-device'

/** A plain run says nothing that these do not, and compiling shaders for a GPU in software takes long. */
const telling = checks.filter(({ title }) => title !== 'agrees with the reference')

onDevice.each(telling)('an op $title', ({ applies, worst }) => {
  test.each(titledCases.filter(({ opCase }) => applies(opCase)))('$title', async ({ opCase }) => {
    expect(await worst(gpuWgslBackend(), opCase)).toBeLessThan(float32Limit)
  })
})
