import { describe, expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { checks, titledCases } from '../op-agreement'
import { float32Limit } from '../run-graph'

/** The gradient of an embedding is made on the host and has no segment in common with other ops. */
const apart = 'embedding'

describe.each(checks)('an op $title', ({ applies, worst, title }) => {
  const rows = titledCases.filter(
    ({ opCase }) => applies(opCase) && !(opCase.op === apart && title.includes('share a segment')),
  )
  test.each(rows)('$title', async ({ opCase }) => {
    expect(await worst(cpuOnnxBackend, opCase)).toBeLessThan(float32Limit)
  })
})
