import { computed, type ComputedRef, onBeforeUnmount, onMounted, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ChartLook } from '../../lib/chart/loss-chart'
import { readToken } from '../../lib/chart/tokens'

/** `rgb(…)` with less of it. */
const fade = (colour: string): string => colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.35)')

/** What a canvas needs to know of the page: it cannot use CSS variables, so it reads them again when the theme changes. */
export function useChartLook(): ComputedRef<ChartLook> {
  const { t } = useI18n()
  const version = ref(0)
  const again = (): void => void version.value++
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(again)
  onMounted(() => {
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    system.addEventListener('change', again)
  })
  onBeforeUnmount(() => {
    observer.disconnect()
    system.removeEventListener('change', again)
  })
  return computed(() => {
    void version.value
    const training = readToken('accent')
    return {
      training,
      faint: fade(training),
      validation: readToken('series-validation'),
      grid: readToken('grid-line'),
      text: readToken('text-2'),
      surface: readToken('surface-1'),
      border: readToken('border-strong'),
      font: getComputedStyle(document.body).fontFamily,
      words: {
        training: t('chart.training'),
        smoothed: t('chart.smoothed'),
        validation: t('chart.validation'),
        x: t('chart.x'),
        y: t('chart.y'),
      },
    }
  })
}
