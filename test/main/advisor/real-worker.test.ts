import { join } from 'node:path'
import { freemem } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAdvisor, type Advisor } from '../../../main/advisor'
import type { RunSpecInput } from '../../../preload/contract'
import { collect } from '../jobs/studio'
import { tinyStudio, type TinyStudio } from '../jobs/worker/tiny-studio'

let studio: TinyStudio
let advisor: Advisor
beforeAll(async () => {
  studio = await tinyStudio()
  const starterDir = join(studio.install.resources, 'starter')
  advisor = createAdvisor({ starterDir, datasetsDir: studio.paths.datasets, freeBytes: freemem })
})
afterAll(() => studio.close())

// Small enough that no activations are kept, whatever this machine has free.
const memoryLimit = 1000

it.each<[string, RunSpecInput['training'], NonNullable<RunSpecInput['method']>]>([
  ['of an adapter', {}, { id: 'lora' }],
  ['of all weights, at a length that shortens rows', { maxLength: 24, epochs: 2, steps: undefined }, { id: 'full' }],
])('what was forecast %s is what the worker says when it starts', async (_, training, method) => {
  const spec = studio.spec({ steps: 2, validationShare: 0.25, memoryLimit, ...training }, method)
  const forecast = await advisor.forecast(spec)
  const id = await studio.jobs.createAndStart(spec)
  await collect(studio.jobs.events(id, 0))
  const { state, prepared } = await studio.jobs.view(id)
  expect(state).toBe('done')
  const { parameters, trainableParameters, trainRows, steps, memory, batchLength } = forecast
  expect({ parameters, trainableParameters, trainRows, steps, memory }).toEqual({
    parameters: prepared?.parameters,
    trainableParameters: prepared?.trainableParameters,
    trainRows: prepared?.trainRows,
    steps: prepared?.steps,
    memory: prepared?.memory,
  })
  expect(batchLength).toBe(prepared?.buckets.at(-1))
})

it('what was exported is as large as was forecast', async () => {
  const spec = studio.spec({ steps: 1 })
  const { resultBytes } = await advisor.forecast(spec)
  const id = await studio.jobs.createAndStart(spec)
  await collect(studio.jobs.events(id, 0))
  const { length } = await studio.exported(id, 'peft', 'adapter_model.safetensors')
  expect(length).toBeGreaterThan(resultBytes)
  expect(length).toBeLessThan(resultBytes + 10_000)
})
