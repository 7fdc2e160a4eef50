import { darkTheme, dateEnUS, dateZhCN, enUS, type GlobalThemeOverrides, zhCN } from 'naive-ui'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { readToken as token } from '../lib/chart/tokens'
import { usePreferences } from '../stores/preferences'

function overridesFromTokens(): GlobalThemeOverrides {
  return {
    common: {
      primaryColor: token('accent'),
      primaryColorHover: token('accent-hover'),
      primaryColorPressed: token('accent-pressed'),
      primaryColorSuppl: token('accent-hover'),
      errorColor: token('danger'),
      errorColorHover: token('danger'),
      errorColorPressed: token('danger'),
      baseColor: token('on-accent'),
      bodyColor: token('surface-0'),
      cardColor: token('surface-1'),
      popoverColor: token('surface-1'),
      inputColor: token('surface-1'),
      inputColorDisabled: token('surface-2'),
      borderColor: token('border-strong'),
      dividerColor: token('border'),
      textColorBase: token('text-1'),
      textColor1: token('text-1'),
      textColor2: token('text-1'),
      textColor3: token('text-2'),
      placeholderColor: token('text-3'),
      iconColor: token('text-3'),
      fontFamily: 'var(--font)',
      fontFamilyMono: 'var(--font-mono)',
      borderRadius: '6px',
      heightMedium: '36px',
    },
    Input: { color: token('surface-1'), border: `1px solid ${token('border-strong')}` },
    Button: { textColorError: token('on-state'), textColorHoverError: token('on-state') },
  }
}

/** The component library's theme and words, derived from the tokens in styles/tokens.css and the chosen language. */
export function useTheme() {
  const preferences = usePreferences()
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  const follow = (event: MediaQueryListEvent): void => void (systemDark.value = event.matches)
  system.addEventListener('change', follow)
  onScopeDispose(() => system.removeEventListener('change', follow))

  const dark = computed(() => (preferences.theme === 'system' ? systemDark.value : preferences.theme === 'dark'))
  const overrides = ref<GlobalThemeOverrides>({})
  // Tokens are read from the page, so only once the page wears the new theme.
  watch(dark, () => (overrides.value = overridesFromTokens()), { immediate: true, flush: 'post' })
  return {
    dark,
    overrides,
    naiveTheme: computed(() => (dark.value ? darkTheme : null)),
    naiveLocale: computed(() => (preferences.locale === 'zh' ? zhCN : enUS)),
    naiveDateLocale: computed(() => (preferences.locale === 'zh' ? dateZhCN : dateEnUS)),
  }
}
