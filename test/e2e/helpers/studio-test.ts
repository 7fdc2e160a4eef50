import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, test as base, vi } from 'vitest'
import { launchBrowser } from '../../helpers/browser'
import { startWebStudio } from '../../helpers/web-studio'

/** Milliseconds that a busy machine of two cores may need for the longest thing a test waits for. */
export const patience = 600_000
vi.setConfig({ testTimeout: 2 * patience, hookTimeout: patience })

/** What went wrong in a page that a person would not see at once, but that must not happen. */
function complaintsOf(page: Page, origin: string): string[] {
  const complaints: string[] = []
  // A breach of the content security policy is told here, too.
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin) complaints.push(`asked another host: ${url}`)
  })
  return complaints
}

async function newcomer(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  context.setDefaultTimeout(patience)
  return context
}

/**
 * A test of the real studio in a real browser. Each test file has one of both. `openStudio` opens the printed address
 * as somebody would who comes for the first time. Whatever a test is about, it also fails where a page that it opened
 * wrote an error or a warning to its console, broke its security policy, or asked another host for anything.
 */
export const test = base
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchBrowser()
    onCleanup(() => browser.close())
    return browser
  })
  .extend('studio', { scope: 'file' }, async ({}, { onCleanup }) => {
    const studio = await startWebStudio()
    onCleanup(() => studio.stop())
    return studio
  })
  .extend('openStudio', async ({ browser, studio }, { onCleanup }) => {
    const contexts: BrowserContext[] = []
    const complaints: string[][] = []
    onCleanup(async () => {
      for (const context of contexts) await context.close()
      expect(complaints.flat()).toEqual([])
    })
    return async (address = studio.url): Promise<Page> => {
      const context = await newcomer(browser)
      contexts.push(context)
      const page = await context.newPage()
      complaints.push(complaintsOf(page, new URL(studio.url).origin))
      await page.goto(address)
      return page
    }
  })
