import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSafetensors } from '../../../main/engine/checkpoint'
import { classify, probabilitiesOf, scoreClasses, type ClassResult } from '../../../main/engine/evaluate'
import { readLabels } from '../../../main/engine/models'
import { planEvaluation } from '../../../main/engine/plan'
import { classExample, collate, joinExamples, type Example } from '../../../main/engine/text'
import { folderFiles } from '../../helpers/folder-files'
import { openModel, type OpenedModel } from '../generate/open-model'

const folder = 'test/goldens/models/llama-cls'

describe('the classes of llama-cls before training', () => {
  let opened: OpenedModel
  let examples: Example[]
  let logits: Float32Array
  let loss: number

  beforeAll(async () => {
    const golden = JSON.parse(await readFile('test/goldens/llama-cls-full/case.json', 'utf8'))
    const config = JSON.parse(await readFile(`${folder}/config.json`, 'utf8'))
    opened = await openModel(folder, 64, undefined, { kind: 'sequence-classification', labels: readLabels(config) })
    const { input_ids, attention_mask, labels } = golden.probe
    examples = input_ids.map((ids: number[], row: number) => {
      const length = attention_mask[row].reduce((sum: number, bit: number) => sum + bit, 0)
      return classExample(Int32Array.from(ids.slice(0, length)), labels[row])
    })
    const file = await folderFiles('test/goldens/llama-cls-full').open('probe_logits.safetensors')
    logits = await (await openSafetensors(file!)).readFloat32('before')
    loss = golden.expected.eval_loss_before
  })
  afterAll(() => opened.executor.dispose())

  /** @param texts one a row of the batch; the head takes them in chunks of two rows */
  async function resultsOf(texts: readonly Example[], rows: number, length: number): Promise<ClassResult[]> {
    const { executor, model, method, maxLength } = opened
    const plan = planEvaluation({ model, method, maxLength, batch: rows, length, scores: true, headRows: 2 })
    await executor.prepare([plan])
    const batch = collate(texts, { rows, length }, 0)
    return classify(executor, [{ batch, plan }])
  }
  const expectReference = (results: readonly ClassResult[]): void => {
    results.forEach(({ probabilities }, row) => {
      const reference = probabilitiesOf(logits.slice(row * 5, row * 5 + 5))
      probabilities.forEach((p, i) => expect(Math.abs(p - (reference[i] as number))).toBeLessThan(1e-5))
    })
    expect(Math.abs(scoreClasses(results).loss / loss - 1)).toBeLessThan(1e-5)
  }

  it('are the reference’s, whatever is padded', async () => {
    expectReference(await resultsOf(examples, 3, 24))
    expectReference(await resultsOf(examples, 4, 32))
  })

  it('are the same for texts that share a row', async () => {
    expectReference(await resultsOf([joinExamples(examples)], 1, 64))
  })
})

const result = (expected: number, said: number, sure: number): ClassResult => ({
  expected,
  said,
  probabilities: Float32Array.from({ length: 3 }, (_, i) => (i === said ? sure : (1 - sure) / 2)),
})

describe('scoreClasses', () => {
  it('counts what is right, label by label and in all, and what is taken for what', () => {
    const results = [result(0, 0, 0.8), result(0, 1, 0.5), result(1, 1, 0.5), result(2, 1, 0.9), result(2, 1, 0.9)]
    const { accuracy, macroF1, confusions, loss } = scoreClasses(results)
    expect(accuracy).toBeCloseTo(2 / 5)
    // 0: 1 right, said once, expected twice; 1: 1, 4, 1; 2: 0, 0, 2.
    expect(macroF1).toBeCloseTo((2 / 3 + 2 / 5 + 0) / 3)
    expect(confusions).toEqual([
      { expected: 2, said: 1, rows: 2 },
      { expected: 0, said: 1, rows: 1 },
    ])
    const logs = [0.8, 0.25, 0.5, 0.05, 0.05].map((p) => -Math.log(p))
    expect(loss).toBeCloseTo(logs.reduce((sum, log) => sum + log, 0) / 5, 5)
  })

  it('stays finite for a class that is ruled out', () => {
    expect(scoreClasses([{ ...result(0, 1, 1), probabilities: Float32Array.of(0, 1, 0) }]).loss).toBeCloseTo(69.08, 1)
  })

  it('needs texts', () => {
    expect(() => scoreClasses([])).toThrow(expect.objectContaining({ code: 'dataset-empty' }))
  })
})

it('probabilities of large logits are no infinities', () => {
  expect([...probabilitiesOf(Float32Array.of(1000, 1000, -1000))]).toEqual([0.5, 0.5, 0])
})
