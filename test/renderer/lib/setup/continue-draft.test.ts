import { describe, expect, it } from 'vitest'
import { continuedDraft } from '../../../../renderer/lib/setup/continue-draft'
import { toRunSpec } from '../../../../renderer/lib/setup/draft'
import { runSpecSchema } from '../../../../preload/contract'
import { freshRun } from '../../make-run'

const spec = runSpecSchema.parse({
  model: { kind: 'folder', path: '/models/m' },
  dataset: { id: 'data' },
  method: { id: 'lora', parameters: { r: 4 } },
  training: { epochs: 3, seed: 7, batchSize: 2, validationShare: 0.2 },
})

describe('the draft of a run that continues another', () => {
  it('has that one’s model, method and settings, also those that hold the same rows out', () => {
    const draft = continuedDraft({ ...freshRun('before'), spec, step: 12 }, 'more')
    const next = toRunSpec(draft, 'data')
    expect(next).toMatchObject({
      name: 'more',
      model: spec.model,
      method: spec.method,
      startFrom: { kind: 'run', id: 'before' },
      training: { seed: 7, batchSize: 2, validationShare: 0.2, steps: 12 },
    })
    expect(runSpecSchema.parse(next).startFrom).toEqual({ kind: 'run', id: 'before', checkpoint: 'best' })
  })
  it('offers one step at least', () => {
    expect(continuedDraft({ ...freshRun(), spec, step: 0 }, '').training.steps).toBe(1)
  })
})
