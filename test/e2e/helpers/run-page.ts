import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { tinyRows } from '../../helpers/tiny-model'
import { personAt } from './person'
import { patience } from './studio-test'

/** Settings of the set-up page by their labels; those under Advanced are named apart. */
export interface QuickRun {
  readonly name: string
  readonly steps: number
  readonly advanced?: Readonly<Record<string, number>>
}

/** Brings a small dataset, sets up a run on it that takes little work for each step, and starts it. */
export async function startQuickRun(page: Page, { name, steps, advanced = {} }: QuickRun): Promise<void> {
  const person = personAt(page)
  await person.drop(`${name}.jsonl`, tinyRows(20))
  await person.type('Length', steps)
  await person.type('Batch size', 2)
  await page.getByText('Advanced').last().click()
  for (const [field, value] of Object.entries(advanced)) await person.type(field, value)
  await person.press('Start training')
  await page.waitForURL(/#\/runs\/./)
}

export const runOf = (page: Page): string => page.url().replace(/^.*#\/runs\//, '')

/** The word for a run's state beside its name. */
export const state = (page: Page, word: string): Locator => page.locator('main header').getByText(word, { exact: true })

/** The last step that the page tells of; 0 before the first. */
export async function stepOf(page: Page): Promise<number> {
  const text = await page.getByRole('region', { name: 'Run', exact: true }).innerText()
  return Number(/Step ([\d,]+) of/.exec(text)?.[1]?.replace(',', '') ?? 0)
}

export async function reachStep(page: Page, step: number): Promise<void> {
  await expect.poll(() => stepOf(page), { timeout: patience }).toBeGreaterThanOrEqual(step)
}

/** What the chart says of itself to those who cannot see it. */
export async function chartOf(page: Page) {
  const chart = page.getByRole('img', { name: 'Training loss' })
  const label = await chart.getAttribute('aria-label')
  const [first, from, last, to] = (label?.match(/\d+(\.\d+)?/g) ?? []).map(Number)
  return { first, from, last, to }
}
