import { expect, it } from 'vitest'
import { runSpecSchema, type RunSpecInput } from '../../../preload/contract'
import { unusualValues } from '../../../main/advisor'

const unusual = (method: RunSpecInput['method'], learningRate?: number) =>
  unusualValues(
    runSpecSchema.parse({
      model: { kind: 'starter' },
      dataset: { id: 'a' },
      method,
      training: learningRate === undefined ? {} : { learningRate },
    }),
  )

it('says nothing of defaults and of values within their bands, both ends included', () => {
  expect(unusual({ id: 'lora' })).toEqual([])
  expect(unusual({ id: 'prompt' })).toEqual([])
  expect(unusual({ id: 'lora', parameters: { r: 4, dropout: 0.2 } }, 5e-3)).toEqual([])
})

it('says what is usual for a learning rate, by the method: a prompt’s is too much for LoRA', () => {
  expect(unusual({ id: 'prompt' }, 0.05)).toEqual([])
  expect(unusual({ id: 'lora' }, 0.05)).toEqual([
    {
      name: 'learningRate',
      label: { en: 'Learning rate', zh: '学习率' },
      value: 0.05,
      usual: { low: 5e-5, high: 5e-3 },
    },
  ])
  expect(unusual({ id: 'lora' }, 1e-6)).toMatchObject([{ value: 1e-6 }])
})

it('says it of parameters that have a band', () => {
  const parameters = { r: 512, dropout: 0.5, alpha: 16, rslora: true, targets: 'q_proj' }
  expect(unusual({ id: 'lora', parameters })).toMatchObject([
    { name: 'r', label: { en: 'Rank' }, value: 512, usual: { low: 4, high: 256 } },
    { name: 'dropout', value: 0.5, usual: { low: 0, high: 0.2 } },
  ])
})
