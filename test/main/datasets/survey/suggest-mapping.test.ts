import { describe, expect, it } from 'vitest'
import { importDataset, mapDataset, suggestMapping } from '../../../../main/datasets'
import { jsonl, tempFolder, utf8 } from '../helpers'

const rowsOf = (columns: readonly string[], count = 4) =>
  Array.from({ length: count }, (_, n) => Object.fromEntries(columns.map((column) => [column, `${column} ${n % 2}`])))

describe('suggestMapping', () => {
  it.each([
    [['question', 'answer'], ['question'], 'answer'],
    [['Question', 'Context', 'Answer', 'id'], ['Question', 'Context'], 'Answer'],
    [['prompt', 'response'], ['prompt'], 'response'],
    [['instruction', 'context', 'response', 'category'], ['instruction', 'context'], 'response'],
    [['meaning_representation', 'reference'], ['meaning_representation'], 'reference'],
    [['source', 'target'], ['source'], 'target'],
    [['id', 'article', 'highlights'], ['article'], 'highlights'],
    [['问题', '回答'], ['问题'], '回答'],
    [['input', 'output'], ['input'], 'output'],
  ])('of %j', (columns, input, answer) => {
    expect(suggestMapping(columns, rowsOf(columns))).toEqual({ form: 'mapped', input, answer })
  })

  it.each([
    [['text', 'category'], ['text'], 'category'],
    [['Sentence', 'label'], ['Sentence'], 'label'],
    [['premise', 'hypothesis', 'label'], ['premise', 'hypothesis'], 'label'],
  ])('of %j lists the labels', (columns, input, answer) => {
    const instruction = `Answer with one of: ${answer} 0, ${answer} 1.`
    expect(suggestMapping(columns, rowsOf(columns))).toEqual({ form: 'mapped', input, answer, instruction })
  })

  it('takes numbers for labels, and names the column where there are too many to list', () => {
    const rows = Array.from({ length: 200 }, (_, n) => ({ text: 't', rating_class: 'x', label: n % 3 }))
    expect(suggestMapping(['text', 'label'], rows)?.instruction).toBe('Answer with one of: 0, 1, 2.')
    const many = rows.map((row, n) => ({ ...row, label: `a rather long label ${n}` }))
    expect(suggestMapping(['text', 'label'], many)?.instruction).toBe('Answer with the label alone.')
  })

  it.each([
    ['columns that it does not know', ['a', 'b'], rowsOf(['a', 'b'])],
    ['an answer without a question', ['id', 'answer'], rowsOf(['id', 'answer'])],
    ['rows that do not bear it out', ['question', 'answer'], [{ question: 'q', answer: null }, { question: 'q' }]],
    ['lists where a text should be', ['question', 'answer'], [{ question: 'q', answer: ['a'] }]],
    ['no rows', ['question', 'answer'], []],
  ])('suggests nothing for %s', (_what, columns, rows) => {
    expect(suggestMapping(columns, rows)).toBeUndefined()
  })
})

describe('an imported dataset', () => {
  it('carries the suggestion, with labels from all of its rows, and can be mapped by it', async () => {
    const datasetsDir = await tempFolder()
    const rows = Array.from({ length: 300 }, (_, n) => ({ text: `text ${n}`, category: n < 250 ? 'early' : 'late' }))
    const file = { name: 'a.jsonl', bytes: utf8(jsonl(rows)) }
    const { id, form, suggestedMapping } = await importDataset({ file, datasetsDir })
    expect(form).toBe('unknown')
    expect(suggestedMapping?.instruction).toBe('Answer with one of: early, late.')
    if (suggestedMapping === undefined) throw new Error('expected a suggestion')
    const mapped = await mapDataset(datasetsDir, id, suggestedMapping)
    expect(mapped).toMatchObject({ form: 'mapped', rows: 300, labels: ['early', 'late'] })
  })

  it('of a known form carries none', async () => {
    const bytes = utf8(jsonl([{ prompt: 'a', completion: 'b', question: 'q', answer: 'a' }]))
    const dataset = await importDataset({ file: { name: 'a.jsonl', bytes }, datasetsDir: await tempFolder() })
    expect(dataset).not.toHaveProperty('suggestedMapping')
  })
})
