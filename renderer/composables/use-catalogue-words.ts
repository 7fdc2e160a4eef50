import { useI18n } from 'vue-i18n'
import type { MethodInfo, ParameterInfo } from '../../preload/contract'
import type { Locale } from '../locales'
import { methodWords } from '../locales/method-words'
import { type SampleInfo, useCatalogue } from '../stores/catalogue'

/** A method's words in the language shown: the translation where there is one, else the method's own declaration. */
export function useMethodWords() {
  const { locale } = useI18n()
  const catalogue = useCatalogue()
  const wordsOf = (id: string) => methodWords[locale.value as Locale]?.[id]
  return {
    methodName: (id: string): string => wordsOf(id)?.name ?? catalogue.method(id)?.name ?? id,
    methodSummary: (method: MethodInfo): string => wordsOf(method.id)?.summary ?? method.summary,
    parameterLabel: (method: string, parameter: ParameterInfo): string =>
      wordsOf(method)?.parameters[parameter.name]?.label ?? parameter.label,
    parameterHelp: (method: string, parameter: ParameterInfo): string =>
      wordsOf(method)?.parameters[parameter.name]?.explanation ?? parameter.explanation,
  }
}

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
