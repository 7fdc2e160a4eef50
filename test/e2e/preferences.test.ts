import { describe, expect } from 'vitest'
import { test } from './helpers/studio-test'

describe('language and theme', () => {
  test('follow the system at first, and are remembered once chosen', async ({ openStudio }) => {
    const page = await openStudio()
    const html = page.locator('html')
    const surface = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(await html.getAttribute('lang')).toBe('en')
    const light = await surface()
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(surface).not.toBe(light)
    await page.emulateMedia({ colorScheme: 'light' })

    await page.getByRole('radio', { name: 'Dark' }).locator('..').click()
    await expect.poll(surface).not.toBe(light)
    await page.getByRole('button', { name: '切换到简体中文' }).click()
    await page.getByRole('heading', { name: '教一个小语言模型按你的方式回答' }).waitFor()

    await page.reload()
    await page.getByRole('heading', { name: '教一个小语言模型按你的方式回答' }).waitFor()
    expect(await html.getAttribute('lang')).toBe('zh-CN')
    expect(await page.getByRole('radio', { name: '深色' }).isChecked()).toBe(true)
    expect(await surface()).not.toBe(light)
  })
})
