import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Failure } from '../../preload/contract'
import { findObstacle } from '../lib/setup/draft'
import { hasFault } from '../lib/setup/faults'
import { useDatasetPage } from '../stores/dataset-page'
import { useForecast } from '../stores/forecast'
import { useModel } from '../stores/model'
import { useSetup } from '../stores/setup'
import { useMethodWords } from './use-catalogue-words'
import { useFailureWords } from './use-failure-words'
import { useFormat } from './use-format'

/** Whether the set-up page's run can be started and, where not, why: in words for its header and beside its fields. */
export function useSetupState(startFailure: Ref<Failure | undefined>) {
  const { t } = useI18n()
  const format = useFormat()
  const page = useDatasetPage()
  const setup = useSetup()
  const model = useModel()
  const forecast = useForecast()
  const { methodName } = useMethodWords()
  const { failureText } = useFailureWords()

  /** The parameter of the method that a failure is about, if it is about one. */
  const blamed = (failure: Failure | undefined): string | undefined => {
    const name = failure?.details?.['parameter']
    return setup.method?.parameters.find((parameter) => parameter.name === name)?.name
  }
  const faults = computed<Readonly<Record<string, string>>>(() => {
    const failure = forecast.failure
    const name = blamed(failure)
    return failure && name !== undefined ? { [name]: failureText(failure) } : {}
  })
  const outside = computed(() => setup.draft && setup.method && hasFault(setup.draft, setup.method))
  const obstacleWith = (faulty: boolean) =>
    page.dataset && findObstacle({ dataset: page.dataset, card: model.card, draft: setup.draft, faulty })
  const obstacle = computed(() => obstacleWith(outside.value === true || Object.keys(faults.value).length > 0))
  /** Why the service cannot be asked for a forecast. What it refused it is asked again when that is mended. */
  const unaskable = computed(() => obstacleWith(outside.value === true))
  /** The model is being looked at: whatever is in the way may be gone in a moment. */
  const looking = computed(() => unaskable.value === 'model-unknown' && model.inspecting)
  const lead = computed(() => {
    if (obstacle.value && !looking.value) return t(`setup.obstacles.${obstacle.value}`)
    if (!page.dataset || !setup.draft || !model.card) return t('setup.lead')
    const { ref, name } = model.card
    return t('setup.plan', {
      method: methodName(setup.draft.method),
      model: ref.kind === 'starter' ? t('model.starter') : name,
      rows: format.exact(page.dataset.rows),
    })
  })
  /** What is told beside its field is not told above the page, too. */
  const failure = computed(
    () =>
      page.failure ?? setup.failure ?? model.failure ?? (blamed(startFailure.value) ? undefined : startFailure.value),
  )
  return { obstacle, unaskable, looking, faults, lead, failure }
}
