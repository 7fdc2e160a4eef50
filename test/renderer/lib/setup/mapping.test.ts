import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnMappingSchema, datasetSchema } from '../../../../preload/contract'
import {
  assignRole,
  firstRoles,
  guessRoles,
  type Role,
  rolesOf,
  toMapping,
} from '../../../../renderer/lib/setup/mapping'

describe('guessRoles', () => {
  it('reads the usual names', () => {
    expect(guessRoles(['id', 'question', 'context', 'Response'])).toEqual({
      id: 'none',
      question: 'input',
      context: 'input',
      Response: 'answer',
    })
    expect(guessRoles(['system_prompt', 'text', 'label', 'category'])).toEqual({
      system_prompt: 'system',
      text: 'input',
      label: 'answer',
      category: 'none',
    })
  })
  it('claims nothing about names that it does not know', () => {
    expect(Object.values(guessRoles(['a', 'b']))).toEqual(['none', 'none'])
  })
})

describe('firstRoles', () => {
  const dataset = datasetSchema.parse({
    id: 'd',
    name: 'd',
    sourceFile: 'd.tsv',
    sourceFormat: 'tsv',
    bytes: 1,
    fingerprint: '',
    importedAt: '',
    form: 'unknown',
    columns: ['meaning_representation', 'reference'],
    rows: 1,
    problems: 0,
  })
  const suggestedMapping = { form: 'mapped' as const, input: ['meaning_representation'], answer: 'reference' }

  it('take what was chosen, then what the file suggests, then a guess', () => {
    expect(Object.values(firstRoles(dataset))).toEqual(['none', 'none'])
    expect(Object.values(firstRoles({ ...dataset, suggestedMapping }))).toEqual(['input', 'answer'])
    const mapping = { form: 'mapped' as const, input: ['reference'], answer: 'meaning_representation' }
    expect(Object.values(firstRoles({ ...dataset, suggestedMapping, mapping }))).toEqual(['answer', 'input'])
  })
})

describe('assigning roles', () => {
  const columns = ['a', 'b', 'c', 'd']
  const moves = fc.array(
    fc.tuple(fc.constantFrom(...columns), fc.constantFrom<Role>('none', 'system', 'input', 'answer')),
    { maxLength: 20 },
  )
  it('never gives answer or system to two columns, and the mapping says the same', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const roles = list.reduce((now, [column, role]) => assignRole(now, column, role), guessRoles(columns))
        const count = (role: Role): number => Object.values(roles).filter((other) => other === role).length
        expect(count('answer')).toBeLessThanOrEqual(1)
        expect(count('system')).toBeLessThanOrEqual(1)
        const mapping = toMapping(roles, '')
        expect(mapping === undefined).toBe(count('input') === 0 || count('answer') === 0)
        if (!mapping) return
        expect(columnMappingSchema.parse(mapping)).toEqual(mapping)
        expect(rolesOf(columns, mapping)).toEqual(roles)
      }),
    )
  })
  it('keeps an instruction only where there is one', () => {
    const roles = { q: 'input', a: 'answer' } as const
    expect(toMapping(roles, '  Answer.  ')).toMatchObject({ instruction: 'Answer.' })
    expect(toMapping(roles, '   ')).not.toHaveProperty('instruction')
  })
})
