import { useI18n } from 'vue-i18n'
import type { Dataset, Locale, MethodInfo, ParameterInfo, SampleInfo } from '../../preload/contract'
import { fieldOf, type FieldInfo } from '../lib/setup/field-info'
import { useCatalogue } from '../stores/catalogue'

/** A method's words in the language shown. */
export function useMethodWords() {
  const { locale } = useI18n()
  const catalogue = useCatalogue()
  const language = (): Locale => locale.value as Locale
  return {
    methodName: (id: string): string => catalogue.method(id)?.name[language()] ?? id,
    methodSummary: ({ summary }: MethodInfo): string => summary[language()],
    describeParameter: (parameter: ParameterInfo): FieldInfo => fieldOf(parameter, language()),
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
