import { useI18n } from 'vue-i18n'
import type { Failure, Locale, RowProblem } from '../../preload/contract'
import { fillSentence, splitFailure, type FailureParts } from '../lib/failure'
import { failureSentences } from '../locales/failure-sentences'
import { problemSentences } from '../locales/problem-sentences'

/** A failure in the language shown: sentences made of its code and details where there are some, else its own message. */
export function useFailureWords() {
  const { t, te, locale } = useI18n()

  /** The first of the sentences for a code that its details can fill. */
  function translated({ code, details = {} }: Failure): FailureParts | undefined {
    const language = locale.value as Locale
    const sentences = failureSentences[language]?.[code] ?? problemSentences[language]?.[code] ?? []
    for (const sentence of sentences) {
      const what = fillSentence(sentence.what, details)
      const advice = fillSentence(sentence.advice ?? '', details)
      if (what !== undefined && advice !== undefined) return { what, advice }
    }
    return undefined
  }
  const said = (code: string, part: 'text' | 'advice', otherwise: string): string =>
    te(`failure.${code}-${part}`) ? t(`failure.${code}-${part}`) : otherwise

  function failureParts(failure: Failure): FailureParts {
    const parts = translated(failure) ?? splitFailure(failure.message)
    return { what: said(failure.code, 'text', parts.what), advice: said(failure.code, 'advice', parts.advice) }
  }
  /** Both parts, for where there is room for one line. */
  function failureText(failure: Failure): string {
    const { what, advice } = failureParts(failure)
    return [what, advice].filter(Boolean).join(locale.value === 'zh' ? '' : '; ')
  }
  return {
    failureParts,
    failureText,
    problemText: ({ code, message, field }: RowProblem): string => failureText({ code, message, details: { field } }),
    failureTitle: ({ code }: Failure): string => (te(`failure.${code}`) ? t(`failure.${code}`) : t('failure.generic')),
  }
}
