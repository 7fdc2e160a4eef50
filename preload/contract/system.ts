import { z } from 'zod'

export const systemInfoSchema = z.object({
  version: z.string(),
  workspace: z.string(),
  platform: z.string(),
  cpu: z.string(),
  threads: z.number(),
  memoryTotal: z.number(),
  memoryFree: z.number(),
  diskFree: z.number(),
})
export type SystemInfo = z.infer<typeof systemInfoSchema>
