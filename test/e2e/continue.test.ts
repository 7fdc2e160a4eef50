import { describe, expect } from 'vitest'
import { personAt } from './helpers/person'
import { runOf, startQuickRun, state } from './helpers/run-page'
import { test } from './helpers/studio-test'

describe('a run that has ended', () => {
  test('is continued in a new run, which says so and links back', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await startQuickRun(page, { name: 'first', steps: 3 })
    await state(page, 'Done').waitFor()
    const first = runOf(page)

    await person.press('Continue in a new run')
    await page.getByText('This run goes on from first.').waitFor()
    await person.type('Length', 2)
    // Model and method are those of the first run: nothing to choose.
    for (const name of ['Model', 'Method']) expect(await page.getByRole('radiogroup', { name }).count()).toBe(0)
    await person.press('Start training')
    await page.waitForURL((url) => /#\/runs\/./.test(url.hash) && !url.hash.endsWith(first))
    await state(page, 'Done').waitFor()
    await page.getByRole('columnheader', { name: 'At the start' }).waitFor()
    await page.getByText('On the left: the state that this run started from, not the base model.').waitFor()

    const origin = page.getByText(/Goes on from first, step \d+\./)
    await origin.getByRole('link', { name: 'first' }).click()
    await page.waitForURL((url) => url.hash.endsWith(first))
  })
})
