import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Dataset, Failure, ModelCard, ModelRef } from '../../preload/contract'
import { api } from '../lib/client'
import { continuedDraft } from '../lib/setup/continue-draft'
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
  /** @param continues the id of a run that the new one goes on from */
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
    draft.value = continues === undefined ? firstDraft(dataset, first) : await continued(continues, dataset)
    if (draft.value) await inspect(draft.value.model)
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
