import type { JobHandlers } from '../job-context'

/** One loader for each kind of job. */
export const handlers: JobHandlers = {
  doctor: async () => (await import('./doctor')).doctor,
  golden: async () => (await import('./golden')).golden,
  import: async () => (await import('./import')).importFile,
  train: async () => (await import('./train')).trainHandler,
}
