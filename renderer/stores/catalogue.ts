import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Failure, MethodInfo, SampleInfo } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'

/** What the studio comes with: methods and sample datasets. They never change while it runs. */
export const useCatalogue = defineStore('catalogue', () => {
  const methods = shallowRef<readonly MethodInfo[]>([])
  const samples = shallowRef<readonly SampleInfo[]>([])
  const failure = ref<Failure>()
  const loaded = computed(() => methods.value.length > 0)

  async function load(): Promise<void> {
    if (loaded.value) return
    try {
      const client = await api()
      const [methodList, sampleList] = await Promise.all([client.methods.list(), client.datasets.samples()])
      methods.value = methodList
      samples.value = sampleList
      failure.value = undefined
    } catch (error) {
      failure.value = toFailure(error)
    }
  }
  const method = (id: string): MethodInfo | undefined => methods.value.find((entry) => entry.id === id)
  return { methods, samples, failure, loaded, load, method }
})
