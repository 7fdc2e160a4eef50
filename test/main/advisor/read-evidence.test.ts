import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readEvidence } from '../../../main/advisor'
import { listMethods } from '../../../main/models'

it('is of methods that there are, each of which ended below the untuned model', async () => {
  const { results } = await readEvidence(join(import.meta.dirname, '../../../resources'))
  const known = listMethods().map(({ id }) => id)
  // LoRA changes nothing before its first step: where it began is the untuned model's loss.
  const untuned = results.find(({ method }) => method === 'lora')?.lossBefore as number
  expect(results.length).toBeGreaterThan(0)
  for (const { method, lossAfter } of results) {
    expect(known).toContain(method)
    expect(lossAfter).toBeLessThan(untuned)
  }
})
