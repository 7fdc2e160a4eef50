import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { chartOf, reachStep, startQuickRun, state, stepOf } from './helpers/run-page'
import { test } from './helpers/studio-test'

describe('a run at work', () => {
  test('goes on where it was after a reload, and in a second window', async ({ openStudio, studio }) => {
    const page = await openStudio()
    await startQuickRun(page, { name: 'long', steps: 80, advanced: { 'Measure every': 10 } })
    await reachStep(page, 11)
    const before = await chartOf(page)

    await page.reload()
    await reachStep(page, 11)
    const after = await chartOf(page)
    expect(after).toMatchObject({ first: before.first, from: 1 })
    expect(after.to).toBeGreaterThanOrEqual(before.to ?? 0)
    await state(page, 'Running').waitFor()

    // The address as printed, in a window of its own: the person comes to the run through the list.
    const second = await openStudio(studio.url)
    await second.getByRole('navigation').getByRole('link', { name: 'Runs' }).click()
    await second.getByRole('cell').getByRole('link', { name: 'long' }).click()
    await state(second, 'Running').waitFor()
    const seen = Math.max(await stepOf(page), await stepOf(second))
    await Promise.all([reachStep(page, seen + 1), reachStep(second, seen + 1)])

    await Promise.all([page, second].map((each) => state(each, 'Done').waitFor()))
    // Points lost or counted twice would show in the smoothed curve: all three pages must draw the same one.
    const drawn = await drawing(page)
    expect(await drawing(second)).toEqual(drawn)
    await second.reload()
    await state(second, 'Done').waitFor()
    expect(await drawing(second)).toEqual(drawn)
    await page.getByText('Over time').click()
    const steps = await page
      .getByRole('article')
      .first()
      .getByText(/^Step \d+$/)
      .allInnerTexts()
    expect(steps).toEqual([...new Set(steps)])
  })
})

/** The chart's picture as it is once it has stopped changing. */
async function drawing(page: Page): Promise<string> {
  const canvas = page.getByRole('img', { name: 'at step 80' })
  return (await canvas.screenshot()).toString('base64')
}
