import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type {
  ExportFormat,
  ExportResult,
  ExportType,
  Failure,
  JobControl,
  RunSpecInput,
  RunSummary,
} from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'
import { hasEnded } from '../lib/run/fold-run'

/** All runs in short, and everything that can be done to one. The actions throw; the place that asked shows why. */
export const useRuns = defineStore('runs', () => {
  const list = shallowRef<readonly RunSummary[]>([])
  const loaded = ref(false)
  const failure = ref<Failure>()
  /** The run that the status bar shows: one that is at work, before one that waits. */
  const active = computed(() => {
    const open = list.value.filter((run) => !run.broken && !hasEnded(run.state))
    return open.find((run) => run.state !== 'queued' && run.state !== 'paused') ?? open[0]
  })

  async function refresh(): Promise<void> {
    try {
      list.value = await (await api()).runs.list()
      loaded.value = true
      failure.value = undefined
    } catch (error) {
      failure.value = toFailure(error)
    }
  }
  async function create(spec: RunSpecInput): Promise<string> {
    const { id } = await (await api()).runs.create(spec)
    void refresh()
    return id
  }
  async function control(id: string, action: JobControl): Promise<void> {
    await (await api()).runs.control({ id, action })
    void refresh()
  }
  async function resume(id: string): Promise<void> {
    await (await api()).runs.resume({ id })
    void refresh()
  }
  async function remove(id: string): Promise<void> {
    await (await api()).runs.remove({ id })
    await refresh()
  }
  async function exportRun(id: string, format: ExportFormat, type?: ExportType): Promise<ExportResult> {
    return (await api()).runs.export({ id, format, ...(type && { type }) })
  }
  async function reveal(path: string): Promise<boolean> {
    return (await (await api()).runs.reveal({ path })).shown
  }
  return { list, loaded, failure, active, refresh, create, control, resume, remove, exportRun, reveal }
})
