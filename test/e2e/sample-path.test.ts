import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { personAt } from './helpers/person'
import { chartOf, reachStep, state } from './helpers/run-page'
import { test } from './helpers/studio-test'

describe('the sample', () => {
  test('goes from the first click to an exported adapter', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await person.press('Try it with the sample')

    await reachStep(page, 1)
    const early = await chartOf(page)
    await page.getByText('Step 0', { exact: true }).first().waitFor()
    await reachStep(page, 21)
    const later = await chartOf(page)
    expect(early.from).toBe(1)
    expect(later).toMatchObject({ first: early.first, from: 1 })
    expect(later.to).toBeGreaterThan(early.to ?? 0)
    await page.getByText('Step 20', { exact: true }).first().waitFor()

    await state(page, 'Done').waitFor()
    expect((await chartOf(page)).last).toBeLessThan((early.first ?? 0) / 2)
    const answers = page.getByRole('table')
    await expect.poll(() => answers.getByRole('columnheader').allInnerTexts()).toEqual(['Before', 'After', 'Expected'])
    expect(await answers.getByText('as expected').count()).toBeGreaterThan(0)
    const change = /from (\d+) ?% to (\d+) ?%/.exec(await page.getByText(/from \d+ ?% to \d+ ?%/).innerText())
    expect(Number(change?.[2]) - Number(change?.[1])).toBeGreaterThanOrEqual(30)

    await person.press('Export')
    await page.getByText('Where it is').waitFor()
    const folder = await page.locator('code').innerText()
    expect((await readdir(folder)).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
      'certificate.json',
    ])
    expect(JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))).toMatchObject({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      r: 8,
      lora_alpha: 16,
    })
    expect(person.clicks()).toBeLessThanOrEqual(6)
  })
})
