import { describe, expect, it } from 'vitest'
import { trainingSchema } from '../../../../preload/contract'
import { advancedTraining, simpleTraining } from '../../../../renderer/lib/setup/training-fields'

describe('the training form', () => {
  const defaults: Readonly<Record<string, unknown>> = trainingSchema.parse({})
  it.each([...advancedTraining, ...simpleTraining.filter(({ name }) => name !== 'learningRate')])(
    'shows the default of $name that a run would have',
    (field) => expect(field.default).toBe(defaults[field.name]),
  )
  it.each([...simpleTraining, ...advancedTraining])('lets $name be only what a run may have', (field) => {
    for (const edge of [field.min, field.max, ...(field.choices ?? [])]) {
      if (edge === undefined || (field.name === 'learningRate' && edge === 0)) continue
      expect(trainingSchema.safeParse({ [field.name]: edge }).success).toBe(true)
    }
  })
})
