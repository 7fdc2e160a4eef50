import { describe, expect, it } from 'vitest'
import { forecastRun, sumBytes, type RunFacts } from '../../../main/advisor'
import { defineModel } from '../../../main/engine/models'
import { runSpecSchema, type Forecast, type RunSpecInput } from '../../../preload/contract'

const config = {
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  vocab_size: 100,
  max_position_embeddings: 1024,
}
const model = defineModel(config)
const wide = defineModel({ ...config, hidden_size: 512, intermediate_size: 2048 })
const facts: RunFacts = { model, modelBytes: 5e5, rows: 100, longestRow: 300, sawAllRows: true }
const plenty = 64e9

interface More extends Partial<RunFacts> {
  readonly parameters?: Readonly<Record<string, number>>
}

function forecast(
  training: RunSpecInput['training'] = {},
  free = plenty,
  method = 'lora',
  { parameters = {}, ...more }: More = {},
): Forecast {
  const spec = runSpecSchema.parse({
    model: { kind: 'starter' },
    dataset: { id: 'd' },
    method: { id: method, parameters },
    training: { batchSize: 8, ...training },
  })
  return forecastRun(spec, { ...facts, ...more }, free)
}
const total = ({ memory }: Forecast): number => sumBytes(memory)

describe('what a run costs', () => {
  it('is counted at the longest batch, which a row, the setting or the context decides', () => {
    expect(forecast({ maxLength: 512 })).toMatchObject({ longestRow: 300, batchLength: 304 })
    expect(forecast({ maxLength: 100 }).batchLength).toBe(100)
    expect(forecast({ maxLength: 4096 }, plenty, 'lora', { longestRow: 5000 }).batchLength).toBe(1024)
    expect(total(forecast({ maxLength: 100 }))).toBeLessThan(total(forecast({ maxLength: 512 })))
  })

  it('counts virtual tokens as tokens of the row, and positions that keys in front take up', () => {
    const parameters = { tokens: 20 }
    expect(forecast({ maxLength: 512 }, plenty, 'prompt', { parameters }).batchLength).toBe(320)
    expect(forecast({ maxLength: 310 }, plenty, 'prompt', { parameters }).batchLength).toBe(310)
    expect(forecast({ maxLength: 512 }, plenty, 'prefix', { parameters }).batchLength).toBe(304)
    const long = { parameters, longestRow: 5000 }
    expect(forecast({ maxLength: 4096 }, plenty, 'prompt', long).batchLength).toBe(1024)
    expect(forecast({ maxLength: 4096 }, plenty, 'prefix', long).batchLength).toBe(1004)
  })

  it('is not told where virtual tokens leave no room for the texts', () => {
    const ask = (method: string, tokens: number) => () =>
      forecast({ maxLength: 64 }, plenty, method, { parameters: { tokens } })
    expect(ask('prompt', 60)).not.toThrow()
    expect(ask('prompt', 63)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', details: { parameter: 'tokens', tokens: 63, room: 64 } }),
    )
    expect(ask('prefix', 512)).not.toThrow()
  })

  it('names what the memory is for', () => {
    const parts = Object.fromEntries(forecast({}, plenty, 'full').memory.map(({ part, bytes }) => [part, bytes]))
    const weights = 4 * forecast().parameters
    expect(parts).toMatchObject({ 'trainable weights': weights, gradients: weights, 'optimiser moments': 2 * weights })
    expect(parts['program']).toBeGreaterThan(1e8)
  })

  it('counts steps like the training loop: batches of an epoch, summed into windows', () => {
    expect(forecast({ epochs: 2, validationShare: 0.1 })).toMatchObject({ trainRows: 90, steps: 24 })
    expect(forecast({ epochs: 2, validationShare: 0.1, accumulation: 5 }).steps).toBe(6)
    expect(forecast({ steps: 7 }).steps).toBe(7)
    expect(forecast({}, plenty, 'lora', { heldOut: 40 }).trainRows).toBe(60)
  })

  it('is for an adapter its trained tensors, for a whole model all of its weights', () => {
    const adapter = forecast()
    expect(adapter.resultBytes).toBe(4 * adapter.trainableParameters)
    const encoded = forecast({}, plenty, 'p-tuning', { parameters: { tokens: 7 } })
    expect(encoded.resultBytes).toBe(4 * 7 * config.hidden_size)
    expect(encoded.trainableParameters).toBeGreaterThan(encoded.resultBytes)
    const whole = forecast({}, plenty, 'full')
    expect(whole).toMatchObject({ resultBytes: 5e5, trainableParameters: whole.parameters })
  })
})

describe('whether a run fits', () => {
  const least = total(forecast({}, 1))

  it('keeps all activations where there is room, and none where there is not', () => {
    expect(forecast()).toMatchObject({ fit: 'fits', keptLayers: 6, layers: 6, remedies: [] })
    expect(forecast({}, 1)).toMatchObject({ fit: 'too-large', keptLayers: 0 })
  })

  it('tells what just fits from what leaves the machine its reserve', () => {
    expect(forecast({}, least).fit).toBe('tight')
    expect(forecast({}, least - 1).fit).toBe('too-large')
    expect(forecast({ memoryLimit: Math.ceil(least) }, 1)).toMatchObject({ fit: 'fits', budget: Math.ceil(least) })
    expect(forecast({ memoryLimit: Math.floor(least) - 1 }, plenty).fit).toBe('too-large')
  })

  it('offers the largest batch and the longest length with which it does', () => {
    const limit = Math.ceil((least + total(forecast({ batchSize: 4 }, 1))) / 2)
    const { fit, remedies } = forecast({ memoryLimit: limit })
    expect(fit).toBe('too-large')
    expect(remedies.map(({ setting }) => setting)).toEqual(['batchSize', 'maxLength'])
    for (const { setting, value } of remedies) {
      expect(forecast({ memoryLimit: limit, [setting]: value }).fit).toBe('fits')
      const next = setting === 'batchSize' ? Number(value) + 1 : Number(value) * 1.3
      expect(forecast({ memoryLimit: limit, [setting]: Math.ceil(next) }).fit).toBe('too-large')
    }
  })

  it('offers another method where no smaller batch and no shorter row is enough, and nothing where nothing is', () => {
    const heavy = { model: wide, longestRow: 20 }
    const lora = total(forecast({ batchSize: 1 }, 1, 'lora', heavy))
    const limit = Math.ceil(lora * 1.02)
    expect(forecast({ batchSize: 1, memoryLimit: limit }, plenty, 'full', heavy).remedies).toEqual([
      { setting: 'method', value: 'lora' },
    ])
    expect(forecast({ batchSize: 1, memoryLimit: 1000 }, plenty, 'full', heavy).remedies).toEqual([])
  })
})
