import { mkdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { writeGgufModel } from '../helpers/gguf-model'
import { tinyRows, writeTinyModel } from '../helpers/tiny-model'
import { personAt } from './helpers/person'
import { state } from './helpers/run-page'
import { test } from './helpers/studio-test'

/** Rows of which the longest have some hundred tokens; every fourth is for testing. */
const longRows = Array.from({ length: 40 }, (_, i) =>
  JSON.stringify({
    prompt: `Tell story ${i}. ${'A red fox ran over the hills and far away. '.repeat(i % 30)}`,
    completion: 'It came home.',
    part: i % 4 === 0 ? 'test' : 'train',
  }),
).join('\n')

const card = (page: Page) => page.getByRole('region', { name: 'This run' })

/** Megabytes that the forecast says. */
async function neededBy(page: Page): Promise<number> {
  const [, number, unit] = /about ([\d.]+) (MB|GB)/.exec(await card(page).innerText()) ?? []
  return Number(number) * (unit === 'GB' ? 1024 : 1)
}

describe('the forecast', () => {
  test('is there before the start, and follows what is changed', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await person.drop('stories.jsonl', longRows)
    await card(page).getByText('of 11M parameters').waitFor()
    const whole = await neededBy(page)
    expect(whole).toBeGreaterThan(100)
    expect(await card(page).innerText()).toMatch(/Activations\s+[\d.]+ MB.*Steps\s+60, on 36 rows/s)

    await person.type('Max. length', 32)
    await card(page).getByText('shortened to 32').waitFor()
    const short = await neededBy(page)
    expect(short).toBeLessThan(whole)

    await person.type('Batch size', 64)
    await expect.poll(() => neededBy(page)).toBeGreaterThan(short)
    await page.getByText('Full fine-tuning').click()
    await card(page).getByText('11M of 11M parameters').waitFor()
  })

  test('counts the rows that a column holds out', async ({ openStudio }) => {
    const page = await openStudio()
    await personAt(page).drop('parts.jsonl', longRows)
    await page.getByText('Options', { exact: true }).click()
    await page.getByText('By a column').click()
    await page.getByText('Say which rows are held out').first().waitFor()
    expect(await page.getByRole('button', { name: 'Start training' }).isDisabled()).toBe(true)
    await page.getByLabel('Column', { exact: true }).selectOption('part')
    expect(await page.getByLabel('Held out are rows with').inputValue()).toBe('test')
    await card(page).getByText('on 30 rows').waitFor()
    expect(await page.getByRole('button', { name: 'Start training' }).isEnabled()).toBe(true)
  })

  test('waits for a number that can be used', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await person.drop('colours.jsonl', tinyRows(12))
    await card(page).getByText('of 11M parameters').waitFor()
    await person.type('Rank', 5000)
    await page.getByText('From 1 to 1024').waitFor()
    expect(await page.getByRole('textbox', { name: 'Rank' }).getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByRole('button', { name: 'Start training' }).isDisabled()).toBe(true)
    await person.type('Rank', 4)
    await card(page).getByText('of 11M parameters').waitFor()
  })
})

describe('a model file', () => {
  test('that is dropped is found where models lie, says what it is, and is trained', async ({ openStudio, studio }) => {
    const folder = join(studio.workspace, 'models')
    await mkdir(folder, { recursive: true })
    const path = await writeGgufModel(join(folder, 'tiny.gguf'), await writeTinyModel(join(folder, 'tiny')))
    const page = await openStudio()
    const person = personAt(page)
    await person.drop('tiny.gguf', await readFile(path))
    await page.getByText(/GGUF F32/).waitFor()
    await person.drop('colours.jsonl', tinyRows(12))
    await page.getByRole('textbox', { name: 'Path of the folder or .gguf file' }).waitFor()
    await card(page).getByText('kept in all 2 layers').waitFor()
    await person.type('Length', 2)
    await person.press('Start training')
    await state(page, 'Done').waitFor()
  })

  test('that is not found is asked for, and one that is cut says so', async ({ openStudio, studio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await person.drop('elsewhere.gguf', 'GGUF')
    await page.getByText('A browser does not tell where elsewhere.gguf lies').waitFor()
    const path = await writeGgufModel(
      join(studio.workspace, 'cut.gguf'),
      await writeTinyModel(join(studio.workspace, 'm')),
    )
    await truncate(path, 5000)
    await person.type('Path of the folder or .gguf file', `"${path}"`)
    await page.getByText('This model cannot be used').waitFor()
    await page.getByText(/cut\.gguf: expected/).waitFor()
    await person.press('Use the starter instead')
    await page.getByText('Bring your own model').waitFor()
    await rm(path)
  })
})
