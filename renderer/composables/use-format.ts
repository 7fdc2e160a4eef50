import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import * as format from '../lib/format'

/** The pure formatting functions, bound to the language that is shown. */
export function useFormat() {
  const { t, locale } = useI18n()
  const words = computed(() => ({ hour: t('units.hour'), minute: t('units.minute'), second: t('units.second') }))
  return {
    count: (count: number) => format.formatCount(count, locale.value),
    exact: (count: number) => new Intl.NumberFormat(locale.value).format(count),
    duration: (seconds: number) => format.formatDuration(seconds, words.value),
    rate: (rate: number) => format.formatRate(rate, locale.value),
    moment: (iso: string) => format.formatMoment(iso, new Date(), locale.value),
    loss: format.formatLoss,
    bytes: format.formatBytes,
    memory: format.formatMemory,
    share: format.formatShare,
    scientific: format.formatScientific,
  }
}
