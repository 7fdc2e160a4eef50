import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Failure, Forecast, RunSpecInput } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'

/** A question follows the last key after this, so that a number that is being typed is asked for once. */
const pause = 250

/** What the run that is being set up will cost; the last answer stays until the next one comes. */
export const useForecast = defineStore('forecast', () => {
  const forecast = shallowRef<Forecast>()
  const failure = shallowRef<Failure>()
  const asking = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let questions = 0

  async function answer(spec: RunSpecInput, number: number): Promise<void> {
    try {
      const answered = await (await api()).runs.forecast(spec)
      if (number !== questions) return
      forecast.value = answered
      failure.value = undefined
    } catch (error) {
      if (number !== questions) return
      failure.value = toFailure(error)
    }
    asking.value = false
  }
  /** The last question asked wins: an earlier, slower answer is not listened to. */
  function ask(spec: RunSpecInput): void {
    const number = ++questions
    asking.value = true
    clearTimeout(timer)
    timer = setTimeout(() => void answer(spec, number), pause)
  }
  /** There is nothing to be asked: no model, no rows. */
  function clear(): void {
    questions++
    clearTimeout(timer)
    asking.value = false
    forecast.value = undefined
    failure.value = undefined
  }
  return { forecast, failure, asking, ask, clear }
})
