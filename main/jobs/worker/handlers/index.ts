import type { JobHandlers } from '../job-context'

/** One loader for each kind of job. */
export const handlers: JobHandlers = {
  doctor: async () => (await import('./doctor')).doctor,
  evaluate: async () => (await import('./evaluate')).evaluateRun,
  export: async () => (await import('./export')).exportRun,
  golden: async () => (await import('./golden')).golden,
  import: async () => (await import('./import')).importFile,
  sample: async () => (await import('./sample')).sample,
  train: async () => (await import('./train')).trainHandler,
}
