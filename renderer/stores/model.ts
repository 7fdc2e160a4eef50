import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Failure, ModelCard, ModelRef } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'
import { starter } from '../lib/setup/draft'

/** The base model of the run that is being set up or will be next, and what the service says about it. */
export const useModel = defineStore('model', () => {
  const model = shallowRef<ModelRef>(starter)
  const card = shallowRef<ModelCard>()
  const inspecting = ref(false)
  const failure = ref<Failure>()
  /** The name of a dropped file whose place is not known. */
  const lost = ref<string>()
  /** The place that was entered last: going to the starter and back does not lose it. */
  const lastFolder = shallowRef<ModelRef>({ kind: 'folder', path: '' })
  const isOwn = computed(() => model.value.kind === 'folder')
  let inspections = 0

  /** The last question asked wins: an earlier, slower answer must not overwrite it. */
  async function inspect(): Promise<void> {
    const number = ++inspections
    const asked = model.value
    card.value = undefined
    failure.value = undefined
    inspecting.value = asked.kind === 'starter' || asked.path !== ''
    if (!inspecting.value) return
    try {
      const answer = await (await api()).models.inspect(asked)
      if (number === inspections) card.value = answer
    } catch (error) {
      if (number === inspections) failure.value = toFailure(error)
    }
    if (number === inspections) inspecting.value = false
  }
  async function choose(next: ModelRef): Promise<void> {
    model.value = next
    if (next.kind === 'folder') lastFolder.value = next
    await inspect()
  }
  /** A model file was dropped: the page knows its name, the service may find its place. */
  async function chooseFile({ name, size }: Pick<File, 'name' | 'size'>): Promise<void> {
    let path: string | undefined
    try {
      path = (await (await api()).models.locate({ name, bytes: size })).path
    } catch (error) {
      failure.value = toFailure(error)
    }
    lost.value = path === undefined ? name : undefined
    await choose({ kind: 'folder', path: path ?? '' })
  }
  return { model, card, inspecting, failure, lost, lastFolder, isOwn, inspect, choose, chooseFile }
})
