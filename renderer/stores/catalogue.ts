import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Evidence, Failure, MethodInfo, SampleInfo } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'

/** What the studio comes with: methods, what they did in a comparison, sample datasets. They never change while it runs. */
export const useCatalogue = defineStore('catalogue', () => {
  const methods = shallowRef<readonly MethodInfo[]>([])
  const samples = shallowRef<readonly SampleInfo[]>([])
  const evidence = shallowRef<Evidence>()
  const failure = ref<Failure>()
  const loaded = computed(() => methods.value.length > 0)

  async function load(): Promise<void> {
    if (loaded.value) return
    try {
      const client = await api()
      const [methodList, measured, sampleList] = await Promise.all([
        client.methods.list(),
        client.methods.evidence(),
        client.datasets.samples(),
      ])
      methods.value = methodList
      evidence.value = measured
      samples.value = sampleList
      failure.value = undefined
    } catch (error) {
      failure.value = toFailure(error)
    }
  }
  const method = (id: string): MethodInfo | undefined => methods.value.find((entry) => entry.id === id)
  return { methods, evidence, samples, failure, loaded, load, method }
})
