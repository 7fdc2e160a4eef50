import type { Locator, Page } from 'playwright-core'

/** What a person does with the mouse, counted: choosing a field to type into is a click as well. */
export class Person {
  clicks = 0

  constructor(readonly page: Page) {}

  async press(button: string): Promise<void> {
    await this.click(this.page.getByRole('button', { name: button, exact: true }))
  }

  async click(place: Locator): Promise<void> {
    await place.click()
    this.clicks++
  }

  async type(field: string, text: string | number): Promise<void> {
    await this.page.getByRole('textbox', { name: field, exact: true }).fill(String(text))
    this.clicks++
  }

  /** Drags a file from the desktop over the window and lets it go there. */
  async drop(name: string, text: string): Promise<void> {
    const file = `new File([${JSON.stringify(text)}], ${JSON.stringify(name)})`
    const dataTransfer = await this.page.evaluateHandle(
      `(() => { const carried = new DataTransfer(); carried.items.add(${file}); return carried })()`,
    )
    for (const type of ['dragenter', 'dragover', 'drop']) await this.page.dispatchEvent('main', type, { dataTransfer })
  }
}
