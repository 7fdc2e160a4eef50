import { createI18n } from 'vue-i18n'
import type { Locale } from '../../preload/contract'
import { en, type Messages } from './en'
import { zh } from './zh'

/** The words of the studio. Messages are interpreted, not compiled to code: the page's policy forbids eval. */
export const i18n = createI18n<[Messages], Locale, false>({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, zh },
})

/** The language to begin with: the one chosen last, else the first of the browser's that the studio speaks. */
export function firstLocale(stored: string | null, preferred: readonly string[]): Locale {
  if (stored === 'en' || stored === 'zh') return stored
  const known = preferred.map((language) => language.slice(0, 2)).find((code) => code === 'en' || code === 'zh')
  return known === 'zh' ? 'zh' : 'en'
}
