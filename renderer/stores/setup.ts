import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Dataset, Failure, ModelCard, ModelRef } from '../../preload/contract'
import { api } from '../lib/client'
import { type Draft, firstDraft, suggestRate, type Value } from '../lib/setup/draft'
import { toFailure } from '../lib/failure'
import { useCatalogue } from './catalogue'

/** The set-up page's form: the draft of a run, and what the service says about its model. */
export const useSetup = defineStore('setup', () => {
  const catalogue = useCatalogue()
  const draft = shallowRef<Draft>()
  const card = shallowRef<ModelCard>()
  const inspecting = ref(false)
  const failure = ref<Failure>()
  const rateTouched = ref(false)
  const method = computed(() => catalogue.method(draft.value?.method ?? ''))
  let inspections = 0

  /** The last question asked wins: an earlier, slower answer must not overwrite it. */
  async function inspect(model: ModelRef): Promise<void> {
    const number = ++inspections
    card.value = undefined
    inspecting.value = model.kind === 'starter' || model.path !== ''
    if (!inspecting.value) return
    try {
      const answer = await (await api()).models.inspect(model)
      if (number === inspections) card.value = answer
    } catch (error) {
      if (number === inspections) failure.value = toFailure(error)
    }
    if (number === inspections) inspecting.value = false
  }
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
    draft.value = firstDraft(dataset, first)
    await inspect(draft.value.model)
  }
  return { draft, card, inspecting, failure, method, begin, ...changes() }

  function changes() {
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
    function chooseMethod(id: string): void {
      change({ method: id, parameters: {} })
      followRate()
    }
    function chooseModel(model: ModelRef): void {
      change({ model })
      followRate()
      void inspect(model)
    }
    function setParameter(name: string, value: Value): void {
      if (draft.value) change({ parameters: { ...draft.value.parameters, [name]: value } })
    }
    return { change, changeTraining, chooseMethod, chooseModel, setParameter }
  }
})
