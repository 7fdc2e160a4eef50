import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Failure, SystemInfo } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'

/** The machine that the studio runs on. */
export const useSystem = defineStore('system', () => {
  const info = shallowRef<SystemInfo>()
  const trouble = ref<Failure>()
  const memoryUsed = computed(() => (info.value ? info.value.memoryTotal - info.value.memoryFree : 0))

  async function refresh(): Promise<void> {
    try {
      info.value = await (await api()).system.info()
      trouble.value = undefined
    } catch (error) {
      trouble.value = toFailure(error)
    }
  }
  return { info, trouble, memoryUsed, refresh }
})
