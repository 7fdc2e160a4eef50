import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { tinyRows } from '../helpers/tiny-model'
import { personAt } from './helpers/person'
import { state } from './helpers/run-page'
import { test } from './helpers/studio-test'

describe('a dropped file', () => {
  test('goes from the drop to an exported adapter', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await person.drop('colours.jsonl', tinyRows(12))
    await page.getByText('A prompt and its completion in each row').waitFor()
    await page.getByText('Number 0: what colour is the cat?').waitFor()
    await person.type('Length', 4)
    await person.press('Start training')

    await state(page, 'Done').waitFor()
    await page.getByText('Step 4 of 4').waitFor()
    await person.press('Export')
    await page.getByText('Where it is').waitFor()
    const folder = await page.locator('code').innerText()
    await access(join(folder, 'adapter_model.safetensors'))
    const config: unknown = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))
    expect(config).toMatchObject({ peft_type: 'LORA', r: 8 })
    expect(person.clicks()).toBeLessThanOrEqual(6)
  })

  test('with columns of its own names waits until they are assigned', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    const rows = ['red', 'blue', 'green', 'white'].map((colour, i) => `${i},"A ${colour} ball, please",${colour}`)
    await person.drop('balls.csv', ['id,wish,colour', ...rows].join('\n'))
    await page.getByText('What is in each column?').waitFor()
    const start = page.getByRole('button', { name: 'Start training' })
    const use = page.getByRole('button', { name: 'Use these columns' })
    expect(await Promise.all([start.isDisabled(), use.isDisabled()])).toEqual([true, true])

    await page.getByLabel('Role of column wish').selectOption('Input')
    await page.getByLabel('Role of column colour').selectOption('Answer')
    await page.getByRole('region', { name: 'What the model sees' }).getByText('A red ball, please').waitFor()
    expect(await start.isDisabled()).toBe(true)
    await use.click()
    await page.getByText('Columns that you assigned').waitFor()
    await expect.poll(() => start.isEnabled()).toBe(true)
  })

  test('with several sheets can be read again from another one', async ({ openStudio }) => {
    const page = await openStudio()
    await personAt(page).drop('cells.xlsx', await readFile('test/goldens/datasets/cells.xlsx'))
    await page.getByText('sheet "Cells" was read').waitFor()
    const before = page.url()
    await page.getByText('Options', { exact: true }).click()
    await page.getByLabel('Sheet').selectOption('Other')
    await personAt(page).press('Read the file again')
    await page.getByText('sheet "Other" was read').waitFor()
    expect(page.url()).not.toBe(before)
  })

  test('in an old encoding loses rows until that is named', async ({ openStudio }) => {
    const page = await openStudio()
    const text = 'question,answer\nWo ist die Straße?,Dort drüben\nWas ist grün?,Gras\nhello,world\n'
    await personAt(page).drop('deutsch.csv', Buffer.from(text, 'latin1'))
    await page.getByText('2 rows cannot be used').waitFor()
    await page.getByLabel('Encoding').selectOption('windows-1252')
    await personAt(page).press('Read the file again')
    await page.getByRole('region', { name: 'What the model sees' }).getByText('Wo ist die Straße?').waitFor()
  })

  test('with bad rows says which, and why, and goes on with the good ones', async ({ openStudio }) => {
    const page = await openStudio()
    const lines = tinyRows(5).split('\n')
    lines[1] = '{"prompt": "broken", '
    lines[3] = '{"prompt": "no answer here"}'
    await personAt(page).drop('holes.jsonl', lines.join('\n'))
    await page.getByText('2 rows cannot be used').click()
    const cells = page.getByRole('table').getByRole('row')
    await expect.poll(() => cells.count()).toBe(3)
    const [, broken, bare] = await cells.allInnerTexts()
    expect(broken).toMatch(/^2\t22\tprompt\t.*field name/s)
    expect(bare).toMatch(/^4\b.*completion/s)
    expect(await page.getByRole('button', { name: 'Start training' }).isEnabled()).toBe(true)
  })
})
