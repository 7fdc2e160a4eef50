import { useI18n } from 'vue-i18n'
import type { SampleInfo } from '../stores/catalogue'

/** A sample's words in the language shown; a sample that the translation does not know speaks for itself. */
export function useSampleWords() {
  const { t, te } = useI18n()
  const word = (sample: SampleInfo, part: 'title' | 'description'): string =>
    te(`samples.${sample.id}.${part}`) ? t(`samples.${sample.id}.${part}`) : sample[part]
  return {
    sampleTitle: (sample: SampleInfo) => word(sample, 'title'),
    sampleDescription: (sample: SampleInfo) => word(sample, 'description'),
  }
}
