import { z } from 'zod'

/** The record shapes of supervised fine-tuning, by their common names. */
export const recordFormSchema = z.enum(['alpaca', 'sharegpt', 'openai', 'prompt-completion', 'text'])
export type RecordForm = z.infer<typeof recordFormSchema>

/** Which source column plays which role; used when the form was not recognised, or to overrule it. */
export const columnMappingSchema = z.object({
  form: z.literal('mapped'),
  system: z.string().optional(),
  /** Columns joined with a line break make the user's message. */
  input: z.array(z.string()).min(1),
  /** What the model is to say. */
  answer: z.string(),
  /** An instruction put before the input of every row. */
  instruction: z.string().optional(),
})
export type ColumnMapping = z.infer<typeof columnMappingSchema>

export const datasetFormSchema = z.union([recordFormSchema, z.literal('mapped'), z.literal('unknown')])
export type DatasetForm = z.infer<typeof datasetFormSchema>

/**
 * A row that cannot be used: where it stands in the file and why. Lines and columns count from 1; where a file has no
 * lines (Parquet, xlsx) the line is the number of the row.
 */
export const rowProblemSchema = z.object({
  line: z.number().int(),
  column: z.number().int().optional(),
  /** The source field, where one is to blame. */
  field: z.string().optional(),
  code: z.string(),
  message: z.string(),
})
export type RowProblem = z.infer<typeof rowProblemSchema>

export const datasetSchema = z.object({
  id: z.string(),
  name: z.string(),
  sourceFile: z.string(),
  sourceFormat: z.enum(['jsonl', 'json', 'csv', 'tsv', 'parquet', 'xlsx', 'text', 'markdown', 'folder']),
  /** How the text was encoded (`UTF-8`, `UTF-16LE`, `UTF-16BE`, `GB18030`); absent for files that hold no plain text. */
  encoding: z.string().optional(),
  /** Of a workbook: the sheet that was read, and all that it has. */
  sheet: z.string().optional(),
  sheets: z.array(z.string()).optional(),
  /** What a person should know of how the file was read: the encoding, the sheet, what was passed over. */
  notes: z.array(z.string()).optional(),
  /** Bytes of the source file, or of all files of a folder. */
  bytes: z.number(),
  /** SHA-256 of rows.jsonl, hexadecimal: what a run records to say what it was trained on. */
  fingerprint: z.string(),
  importedAt: z.string(),
  form: datasetFormSchema,
  columns: z.array(z.string()),
  mapping: columnMappingSchema.optional(),
  /** What the names of the columns and the first rows speak for, where the form is `unknown`. */
  suggestedMapping: columnMappingSchema.optional(),
  rows: z.number().int(),
  problems: z.number().int(),
  /** The distinct answers, where they are few, short and repeat (`main/datasets/labels/label-count.ts`): a classification dataset. */
  labels: z.array(z.string()).optional(),
  /** Usable rows that repeat an earlier one: word for word, or but for case, blanks and punctuation. */
  duplicates: z.object({ exact: z.number().int(), near: z.number().int() }).optional(),
})
export type Dataset = z.infer<typeof datasetSchema>

/** The values of one column, the most frequent first, and in how many usable rows each stands. */
export const columnValuesSchema = z.object({
  values: z.array(z.object({ value: z.string(), rows: z.number().int() })),
  /** There are more values than are listed: too many to divide the rows by. */
  more: z.boolean(),
})
export type ColumnValues = z.infer<typeof columnValuesSchema>

export const chatMessageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
})
export type ChatMessage = z.infer<typeof chatMessageSchema>

/** A row as the app understands it. `plain` text is trained on whole. */
export const previewRowSchema = z.object({
  line: z.number().int(),
  messages: z.array(chatMessageSchema).optional(),
  prompt: z.string().optional(),
  completion: z.string().optional(),
  text: z.string().optional(),
  /** The row exactly as imported, as JSON text. */
  source: z.string(),
})
export type PreviewRow = z.infer<typeof previewRowSchema>
