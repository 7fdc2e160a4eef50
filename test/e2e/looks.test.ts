import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { en } from '../../renderer/locales/en'
import { zh } from '../../renderer/locales/zh'
import { tinyRows } from '../helpers/tiny-model'
import { personAt } from './helpers/person'
import { reachStep, runOf, startQuickRun, state } from './helpers/run-page'
import { test } from './helpers/studio-test'
import { leaves, saidWords } from './helpers/words'

type Language = 'en' | 'zh'
type Theme = 'light' | 'dark'
/** A page by what it shows, and how to know that it is there, in either language. */
interface Place {
  readonly name: string
  readonly address: string
  readonly ready: (page: Page, words: typeof en) => Promise<void>
}

const words: Readonly<Record<Language, typeof en>> = { en, zh }
const combinations = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'zh'] as const).map((language) => ({ theme, language })),
)
/** The studio's English words, which its Chinese pages must not show; its own name is the same in both. */
const english = new Set(leaves(en).map(([, text]) => text))
english.delete(en.app.name)
const messageName = new RegExp(`^(${Object.keys(en).join('|')})(\\.[\\w-]+)+$`)

async function dress(page: Page, theme: Theme, language: Language): Promise<void> {
  if ((await page.locator('html').getAttribute('lang'))?.slice(0, 2) !== language) {
    const label = language === 'zh' ? en.language.switch : zh.language.switch
    await page.getByRole('button', { name: label }).click()
  }
  await page.getByRole('radio', { name: words[language].theme[theme], exact: true }).locator('..').click()
}

/** Finds what axe finds, and words that are not of this language. With GRAFT_SCREENSHOTS it also draws the page there. */
async function inspect(page: Page, place: Place, theme: Theme, language: Language): Promise<string[]> {
  const here = `${place.name}, ${theme}, ${language}`
  await page.goto(new URL(place.address, page.url()).href)
  await place.ready(page, words[language])
  const { violations } = await new AxeBuilder({ page }).analyze()
  const said = saidWords(await page.locator('body').ariaSnapshot())
  const folder = process.env['GRAFT_SCREENSHOTS']
  if (folder) await page.screenshot({ path: join(folder, `${place.name} ${theme} ${language}.png`) })
  return [
    ...violations.map(({ id, nodes }) => `${here}: ${id}: ${nodes.map(({ html }) => html).join('\n')}`),
    ...said
      .filter((text) => messageName.test(text) || (language === 'zh' && english.has(text)))
      .map((text) => `${here}: "${text}"`),
  ]
}

async function inspectAll(page: Page, places: readonly Place[]): Promise<string[]> {
  const faults: string[] = []
  for (const { theme, language } of combinations) {
    await dress(page, theme, language)
    for (const place of places) faults.push(...(await inspect(page, place, theme, language)))
  }
  return faults
}

const seeing =
  (text: (words: typeof en) => string): Place['ready'] =>
  (page, words) =>
    page.getByText(text(words)).first().waitFor()
/** With what is folded away at first, and what comes last: the forecast. */
const setupIsThere: Place['ready'] = async (page, words) => {
  await page.getByText(words.reading.title, { exact: true }).click()
  await page.getByText(words.forecast.longest).waitFor()
}
const inState =
  (name: keyof typeof en.states): Place['ready'] =>
  (page, words) =>
    state(page, words.states[name]).waitFor()

describe('every page, in both themes and both languages, has no fault that axe knows and no word left untranslated', () => {
  test('while setting up', async ({ openStudio }) => {
    const page = await openStudio()
    await personAt(page).drop('colours.jsonl', tinyRows(12))
    await page.waitForURL(/#\/setup\//)
    const setup = page.url()
    await personAt(page).drop('balls.csv', 'id,wish,colour\n1,A red ball,red\n2,A blue ball,blue\n3,"open')
    await page.waitForURL((url) => url.href !== setup)
    const faults = await inspectAll(page, [
      { name: 'home', address: '#/', ready: seeing((words) => words.home.files) },
      { name: 'setup', address: setup, ready: setupIsThere },
      { name: 'mapping', address: page.url(), ready: seeing((words) => words.mapping.title) },
    ])
    expect(faults).toEqual([])
  })

  test('while training and afterwards', async ({ openStudio, studio }) => {
    const page = await openStudio()
    await startQuickRun(page, { name: 'short', steps: 3 })
    await state(page, 'Done').waitFor()
    const done = page.url()
    await page.goto(studio.url)
    await startQuickRun(page, { name: 'long', steps: 10_000 })
    await reachStep(page, 3)
    const long = page.url()
    const faults = await inspectAll(page, [{ name: 'running', address: long, ready: inState('running') }])
    process.kill(await studio.workerOf(runOf(page)), 'SIGKILL')
    await page.getByRole('alert').waitFor()
    faults.push(
      ...(await inspectAll(page, [
        { name: 'done', address: done, ready: inState('done') },
        { name: 'interrupted', address: long, ready: inState('interrupted') },
        { name: 'runs', address: '#/runs', ready: seeing((words) => words.runs.created) },
      ])),
    )
    expect(faults).toEqual([])
  })
})
