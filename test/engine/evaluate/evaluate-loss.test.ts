import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluateLoss, type LossBatch } from '../../../main/engine/evaluate'
import { planEvaluation, type Plan } from '../../../main/engine/plan'
import { collate, type Batch, type Example } from '../../../main/engine/text'
import { openModel, type OpenedModel } from '../generate/open-model'

interface Probe {
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  readonly labels: number[][]
}

/** A row of the reference's, without its padding. */
function exampleOf({ input_ids, attention_mask, labels }: Probe, row: number): Example {
  const length = attention_mask[row]!.reduce((sum, bit) => sum + bit, 0)
  const ids = Int32Array.from(input_ids[row]!.slice(0, length))
  return { ids, trained: Uint8Array.from(labels[row]!.slice(0, length), (label) => (label === -100 ? 0 : 1)) }
}

describe.each(['llama-full', 'llama-tied-scaled-full'])('the loss of %s before training', (name) => {
  let opened: OpenedModel
  let examples: Example[]
  let reference: number

  beforeAll(async () => {
    const golden = JSON.parse(await readFile(`test/goldens/${name}/case.json`, 'utf8'))
    opened = await openModel(`test/goldens/models/${golden.arch}`, 64)
    examples = golden.probe.input_ids.map((_: unknown, row: number) => exampleOf(golden.probe, row))
    reference = golden.expected.eval_loss_before
  })
  afterAll(() => opened.executor.dispose())

  const planOf = async ({ rows: batch, length }: Batch): Promise<Plan> => {
    const { model, method, maxLength, executor } = opened
    const plan = planEvaluation({ model, method, maxLength, batch, length })
    await executor.prepare([plan])
    return plan
  }
  const prepared = async (batches: readonly Batch[]): Promise<LossBatch[]> => {
    const pairs: LossBatch[] = []
    for (const batch of batches) pairs.push({ batch, plan: await planOf(batch) })
    return pairs
  }

  it('is the reference’s', async () => {
    const batches = await prepared([collate(examples, { rows: examples.length, length: 24 }, 0)])
    const { loss, perplexity, tokens } = await evaluateLoss(opened.executor, batches)
    expect(Math.abs(loss / reference - 1)).toBeLessThan(1e-4)
    expect(perplexity).toBeCloseTo(Math.exp(loss), 10)
    const trained = examples.map((example) => example.trained.slice(1).reduce((sum, bit) => sum + bit, 0))
    expect(tokens).toBe(trained.reduce((sum, count) => sum + count, 0))
  })

  it('does not depend on how the rows are put together', async () => {
    const oneByOne = examples.map((example) => collate([example], { rows: 1, length: 32 }, 0))
    const { loss } = await evaluateLoss(opened.executor, await prepared(oneByOne))
    expect(Math.abs(loss / reference - 1)).toBeLessThan(1e-4)
    const padded = await prepared([collate(examples, { rows: examples.length + 2, length: 40 }, 0)])
    expect(Math.abs((await evaluateLoss(opened.executor, padded)).loss / reference - 1)).toBeLessThan(1e-4)
  })

  it('takes batches as they come, breathing between them', async () => {
    let breaths = 0
    async function* stream(): AsyncGenerator<LossBatch> {
      for (const example of examples) yield* await prepared([collate([example], { rows: 1, length: 24 }, 0)])
    }
    const { loss } = await evaluateLoss(opened.executor, stream(), async () => void breaths++)
    expect(Math.abs(loss / reference - 1)).toBeLessThan(1e-4)
    expect(breaths).toBe(examples.length)
  })

  it('needs something to predict', async () => {
    const silent = examples.map(({ ids }) => ({ ids, trained: new Uint8Array(ids.length) }))
    const batches = await prepared([collate(silent, { rows: silent.length, length: 24 }, 0)])
    await expect(evaluateLoss(opened.executor, batches)).rejects.toMatchObject({ code: 'dataset-empty' })
    await expect(evaluateLoss(opened.executor, [])).rejects.toMatchObject({ code: 'dataset-empty' })
  })
})
