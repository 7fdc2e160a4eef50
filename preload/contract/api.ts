import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { columnMappingSchema, columnValuesSchema, datasetSchema, previewRowSchema, rowProblemSchema } from './datasets'
import { jobControlSchema, jobEventSchema } from './events'
import { failureSchema } from './failure'
import { forecastSchema } from './forecast'
import { evidenceSchema } from './catalogue/evidence'
import { methodInfoSchema } from './catalogue/methods'
import { modelCardSchema } from './models'
import { modelRefSchema, runSpecSchema, sampleInfoSchema } from './run-spec'
import { exportRequestSchema, exportResultSchema } from './catalogue/exports'
import { runSummarySchema, runViewSchema } from './runs'
import { systemInfoSchema } from './system'
import { localeSchema } from './catalogue/text'

/** Every failure that a person can meet comes as this one error, with the Failure as its data. */
const base = oc.errors({ FAILURE: { status: 422, data: failureSchema } })

const runId = z.object({ id: z.string() })

export const contract = {
  system: {
    info: base.output(systemInfoSchema),
  },
  methods: {
    list: base.output(z.array(methodInfoSchema)),
    /** What the methods did in one comparison, measured. */
    evidence: base.output(evidenceSchema),
    /** A method's parameters as JSON Schema (2020-12), for those who fill or check them with tools of their own. */
    schema: base
      .input(z.object({ id: z.string(), locale: localeSchema.default('en') }))
      .output(z.record(z.string(), z.json())),
  },
  models: {
    /** Reads a folder's header and config, not its weights. A broken model comes back as a card with `broken`. */
    inspect: base.input(modelRefSchema).output(modelCardSchema),
    /** Where a file lies that was dropped on the page, which does not know: looked for in the usual folders. */
    locate: base
      .input(z.object({ name: z.string().min(1), bytes: z.number().int().min(0) }))
      .output(z.object({ path: z.string().optional() })),
  },
  datasets: {
    list: base.output(z.array(datasetSchema)),
    samples: base.output(z.array(sampleInfoSchema)),
    /** Imports one of the embedded sample datasets (again: returns the one already there). */
    importSample: base.input(z.object({ id: z.string() })).output(datasetSchema),
    /** `sheet` of a workbook, `encoding` of a text file: absent, the first and what is found out. */
    importFile: base
      .input(z.object({ file: z.file(), sheet: z.string().optional(), encoding: z.string().optional() }))
      .output(datasetSchema),
    map: base.input(z.object({ id: z.string(), mapping: columnMappingSchema })).output(datasetSchema),
    preview: base
      .input(z.object({ id: z.string(), offset: z.number().int().min(0), limit: z.number().int().min(1).max(200) }))
      .output(z.array(previewRowSchema)),
    problems: base
      .input(z.object({ id: z.string(), offset: z.number().int().min(0), limit: z.number().int().min(1).max(1000) }))
      .output(z.array(rowProblemSchema)),
    /** What stands in a column: to choose which rows are held out. */
    columnValues: base.input(z.object({ id: z.string(), column: z.string() })).output(columnValuesSchema),
    remove: base.input(z.object({ id: z.string() })).output(z.void()),
  },
  runs: {
    list: base.output(z.array(runSummarySchema)),
    /** What a run would cost. Fails as `create` does where a setting is wrong or model or data cannot be used. */
    forecast: base.input(runSpecSchema).output(forecastSchema),
    /** `details.parameter` of a failure names the method's parameter that is wrong; no run is made then. */
    create: base.input(runSpecSchema).output(runId),
    get: base.input(runId).output(runViewSchema),
    /** Events after `after`, the past ones first, then live until the run ends. */
    events: base
      .input(z.object({ id: z.string(), after: z.number().int().min(0) }))
      .output(eventIterator(jobEventSchema)),
    control: base.input(z.object({ id: z.string(), action: jobControlSchema })).output(z.void()),
    resume: base.input(runId).output(z.void()),
    remove: base.input(runId).output(z.void()),
    /** Fails with what differs where the files do not say what the trained model says: there are none then. */
    export: base.input(runId.extend(exportRequestSchema.shape)).output(exportResultSchema),
    /** Shows a finished export in the system's file manager, where there is one. */
    reveal: base.input(z.object({ path: z.string() })).output(z.object({ shown: z.boolean() })),
  },
}
export type Contract = typeof contract
