import { z } from 'zod'

/** The languages in which the studio speaks. */
export const localeSchema = z.enum(['en', 'zh'])
export type Locale = z.infer<typeof localeSchema>

/** One text in all of them. */
export const textSchema = z.object({ en: z.string(), zh: z.string() })
export type Text = z.infer<typeof textSchema>
