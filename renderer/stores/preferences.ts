import { defineStore } from 'pinia'
import { ref, watchEffect } from 'vue'
import type { Locale } from '../../preload/contract'
import { firstLocale, i18n } from '../locales'

export type ThemeChoice = 'system' | 'light' | 'dark'

const themeKey = 'graft-theme'
const localeKey = 'graft-locale'
const isTheme = (value: string | null): value is ThemeChoice => value === 'light' || value === 'dark'

/** What this person likes to look at; remembered in this browser. */
export const usePreferences = defineStore('preferences', () => {
  const storedTheme = localStorage.getItem(themeKey)
  const theme = ref<ThemeChoice>(isTheme(storedTheme) ? storedTheme : 'system')
  const locale = ref<Locale>(firstLocale(localStorage.getItem(localeKey), navigator.languages))

  watchEffect(() => {
    const root = document.documentElement
    if (theme.value === 'system') delete root.dataset.theme
    else root.dataset.theme = theme.value
    localStorage.setItem(themeKey, theme.value)
  })
  watchEffect(() => {
    i18n.global.locale.value = locale.value
    document.documentElement.lang = locale.value === 'zh' ? 'zh-CN' : 'en'
    localStorage.setItem(localeKey, locale.value)
  })
  return { theme, locale }
})
