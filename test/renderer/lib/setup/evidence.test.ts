import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../../../preload/contract'
import { measuredOf } from '../../../../renderer/lib/setup/evidence'

const figures = { trainableParameters: 1, exportBytes: 1, lossBefore: 2, lossAfter: 1, tokensPerSecond: 1, peakBytes: 1, threads: 1 } // prettier-ignore
const evidence: Evidence = {
  about: { model: 'm', dataset: 'd', steps: 1, batch: 1, maxLength: 1 },
  results: [
    { name: 'LoRA', method: 'lora', parameters: {}, ...figures },
    { name: 'rsLoRA', method: 'lora', parameters: { rslora: 'true' }, ...figures },
    { name: 'Houlsby', method: 'adapter', parameters: { kind: 'houlsby' }, ...figures },
  ],
}
const nameOf = (...args: [string, Record<string, boolean | string | number>]): string | undefined =>
  measuredOf(evidence, ...args)?.name

describe('what was measured of a method', () => {
  it('is that of the form chosen, else that with the defaults', () => {
    expect(nameOf('lora', { rslora: true, r: 4 })).toBe('rsLoRA')
    expect(nameOf('lora', { rslora: false })).toBe('LoRA')
    expect(nameOf('adapter', {})).toBe('Houlsby')
  })

  it('is nothing for a method that was not part of it', () => {
    expect(nameOf('prompt', {})).toBeUndefined()
    expect(measuredOf(undefined, 'lora', {})).toBeUndefined()
  })
})
