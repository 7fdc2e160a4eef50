import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listMethods, parameterSchema } from '../../../main/models'

describe.each(listMethods())('the parameters of $id as JSON Schema', ({ id, name, parameters }) => {
  const schema = parameterSchema(id, 'en')
  const accepts = (values: object): boolean => z.fromJSONSchema(schema).safeParse(values).success

  it('say what they are, in the language asked for', () => {
    const properties = parameters.map(({ label, explanation }) => ({ title: label.zh, description: explanation.zh }))
    const chinese = parameterSchema(id, 'zh')
    expect(chinese).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: name.zh })
    expect(Object.keys(chinese['properties'] as object)).toEqual(parameters.map((parameter) => parameter.name))
    expect(Object.values(chinese['properties'] as object)).toMatchObject(properties)
  })

  it('take the defaults and nothing, and no name that is not declared', () => {
    const defaults = Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]))
    expect(accepts(defaults)).toBe(true)
    expect(accepts({})).toBe(true)
    expect(accepts({ ...defaults, nonsense: 1 })).toBe(false)
    const declared = Object.values(schema['properties'] as Record<string, { default: unknown }>)
    expect(declared.map((property) => property.default)).toEqual(Object.values(defaults))
  })

  it('refuse what a declaration refuses', () => {
    for (const { name: parameter, type, min, max, choices } of parameters) {
      expect(accepts({ [parameter]: type === 'text' || choices ? 7 : 'seven' }), parameter).toBe(false)
      if (min !== undefined) expect(accepts({ [parameter]: min - 1 }), parameter).toBe(false)
      if (max !== undefined) expect(accepts({ [parameter]: max + 1 }), parameter).toBe(false)
      if (type === 'integer') expect(accepts({ [parameter]: (min ?? 0) + 0.5 }), parameter).toBe(false)
      if (choices) expect(accepts({ [parameter]: `${choices.join('')}?` }), parameter).toBe(false)
    }
  })
})

it('there is none of a method that there is not', () => {
  expect(() => parameterSchema('magic', 'en')).toThrow(/method: expected one of .*lora.*, got magic/)
})
