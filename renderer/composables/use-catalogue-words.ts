import { useI18n } from 'vue-i18n'
import type { Dataset, MethodInfo, ParameterInfo, SampleInfo } from '../../preload/contract'
import type { Locale } from '../locales'
import { methodWords } from '../locales/method-words'
import { useCatalogue } from '../stores/catalogue'

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

/** A sample's words in the language shown. */
export function useSampleWords() {
  const { locale } = useI18n()
  const catalogue = useCatalogue()
  return {
    /** An imported sample bears its English title. */
    datasetName: ({ name }: Pick<Dataset, 'name'>): string =>
      catalogue.samples.find(({ title }) => title.en === name)?.title[locale.value as Locale] ?? name,
    sampleTitle: ({ title }: SampleInfo): string => title[locale.value as Locale],
    sampleDescription: ({ description }: SampleInfo): string => description[locale.value as Locale],
  }
}
