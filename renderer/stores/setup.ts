import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Dataset, Failure, ModelRef, Remedy } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'
import { continuedDraft } from '../lib/setup/continue-draft'
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
  /** The run that is to be continued, as a draft. */
  async function continued(id: string, dataset: Dataset): Promise<Draft | undefined> {
    try {
      const source = await (await api()).runs.get({ id })
      return continuedDraft(source, source.spec.name || dataset.name, catalogue.method(source.spec.method.id))
    } catch (error) {
      failure.value = toFailure(error)
      return undefined
    }
  }
  /** @param continues the id of a run that the new one goes on from: its model and learning rate are kept */
  async function begin(dataset: Dataset, continues?: string): Promise<void> {
    draft.value = undefined
    failure.value = undefined
    rateTouched.value = false
    await catalogue.load()
    const first = catalogue.method('lora') ?? catalogue.methods[0]
    if (!first) {
      failure.value = catalogue.failure
      return
    }
    if (continues === undefined) {
      draft.value = firstDraft(dataset, first, model.model)
      return model.inspect()
    }
    draft.value = await continued(continues, dataset)
    rateTouched.value = true
    if (draft.value) await model.choose(draft.value.model)
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
