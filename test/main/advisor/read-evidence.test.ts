import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readEvidence } from '../../../main/advisor'
import { listMethods } from '../../../main/models'

it('measured every method once at least, each on the same untrained model', async () => {
  const { results } = await readEvidence(join(import.meta.dirname, '../../../resources'))
  expect(new Set(results.map(({ method }) => method))).toEqual(new Set(listMethods().map(({ id }) => id)))
  const [first] = results
  for (const { lossBefore, exportBytes, trainableParameters } of results) {
    expect(Number.isFinite(lossBefore) && exportBytes > 0 && trainableParameters > 0).toBe(true)
    expect(lossBefore).toBeGreaterThan((first?.lossBefore ?? 0) * 0.5)
  }
})
