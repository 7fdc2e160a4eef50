import type { Locator, Page } from 'playwright-core'

/** What somebody does at a page with the mouse, counted: choosing a field to type into is a click as well. */
export function personAt(page: Page) {
  let clicks = 0
  async function click(place: Locator): Promise<void> {
    await place.click()
    clicks++
  }
  return {
    clicks: () => clicks,
    click,
    press: (button: string): Promise<void> => click(page.getByRole('button', { name: button, exact: true })),
    async type(field: string, text: string | number): Promise<void> {
      await page.getByRole('textbox', { name: field, exact: true }).fill(String(text))
      clicks++
    },
    /** Drags a file from the desktop over the window and lets it go there. */
    async drop(name: string, content: string | Uint8Array): Promise<void> {
      const part = typeof content === 'string' ? JSON.stringify(content) : `new Uint8Array([${content.join(',')}])`
      const file = `new File([${part}], ${JSON.stringify(name)})`
      const dataTransfer = await page.evaluateHandle(
        `(() => { const carried = new DataTransfer(); carried.items.add(${file}); return carried })()`,
      )
      for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('main', type, { dataTransfer })
    },
  }
}
