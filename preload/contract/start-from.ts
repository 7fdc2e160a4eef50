import { z } from 'zod'

/** Where a run's trained tensors come from, where that is not their usual beginning. */
export const startFromSchema = z.discriminatedUnion('kind', [
  /** What another run of the workspace has learned. The new run has a log, a schedule and an optimiser of its own. */
  z.object({
    kind: z.literal('run'),
    id: z.string().min(1),
    /** `best`: the run's result. A run's stored spec names the step that this came to. */
    checkpoint: z.union([z.enum(['best', 'last']), z.number().int().min(0)]).default('best'),
  }),
  /** A folder with an adapter as PEFT writes it. */
  z.object({ kind: z.literal('adapter'), path: z.string().min(1) }),
])
export type StartFrom = z.infer<typeof startFromSchema>
