import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Dataset, Failure, ModelRef, Remedy } from '../../preload/contract'
import { applyRemedy, type Draft, firstDraft, suggestRate, type Value } from '../lib/setup/draft'
import { useCatalogue } from './catalogue'
import { useModel } from './model'

/** The set-up page's form: the draft of a run. */
export const useSetup = defineStore('setup', () => {
  const catalogue = useCatalogue()
  const model = useModel()
  const draft = shallowRef<Draft>()
  const failure = ref<Failure>()
  const rateTouched = ref(false)
  const method = computed(() => catalogue.method(draft.value?.method ?? ''))

  /** A model file may be dropped at any time, on any page. */
  watch(
    () => model.model,
    (next) => draft.value && takeModel(next),
  )
  async function begin(dataset: Dataset): Promise<void> {
    draft.value = undefined
    failure.value = undefined
    rateTouched.value = false
    await catalogue.load()
    const first = catalogue.method('lora') ?? catalogue.methods[0]
    if (!first) {
      failure.value = catalogue.failure
      return
    }
    draft.value = firstDraft(dataset, first, model.model)
    await model.inspect()
  }
  function change(part: Partial<Draft>): void {
    if (draft.value) draft.value = { ...draft.value, ...part }
  }
  function changeTraining(part: Partial<Draft['training']>): void {
    if (!draft.value) return
    if ('learningRate' in part) rateTouched.value = true
    change({ training: { ...draft.value.training, ...part } })
  }
  /** A rate that the person has not touched follows the method and the model. */
  function followRate(): void {
    if (rateTouched.value || !draft.value || !method.value) return
    change({ training: { ...draft.value.training, learningRate: suggestRate(method.value, draft.value.model) } })
  }
  function takeModel(next: ModelRef): void {
    change({ model: next })
    followRate()
  }
  function chooseMethod(id: string): void {
    change({ method: id, parameters: {} })
    followRate()
  }
  function setParameter(name: string, value: Value): void {
    if (draft.value) change({ parameters: { ...draft.value.parameters, [name]: value } })
  }
  function takeRemedy(remedy: Remedy): void {
    if (remedy.setting === 'method') chooseMethod(remedy.value)
    else if (draft.value) changeTraining(applyRemedy(draft.value.training, remedy))
  }
  return { draft, failure, method, begin, change, changeTraining, chooseMethod, setParameter, takeRemedy }
})
