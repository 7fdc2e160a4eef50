import type { Forecast, RunSpec } from '../../preload/contract'
import { defineFor, openBaseModel, orderAsModel, resolveModelDir, type ModelPlaces } from '../models'
import { forecastRun } from './forecast-run'
import { knownClasses } from './known/known-classes'
import { knownModels, type KnownModel } from './known/known-models'
import { knownRows } from './known/known-rows'
import { planRun } from './plan-run'

export interface AdvisorOptions extends ModelPlaces {
  readonly datasetsDir: string
  /** Bytes that the machine could give. */
  freeBytes(): number
}

/** Says what can be known of a run before it starts. All throw GraftError or HostError that says what is wrong. */
export interface Advisor {
  forecast(spec: RunSpec): Promise<Forecast>
  /** With everything filled in that the data decide: the classes of a classification. */
  fill(spec: RunSpec): Promise<RunSpec>
  /**
   * Whether the run's method can be put on its model: a wrong value or target is told before there is a run that fails.
   * `details.parameter` names the method's parameter.
   */
  check(spec: RunSpec): Promise<void>
}

export function createAdvisor({ starterDir, datasetsDir, freeBytes }: AdvisorOptions): Advisor {
  const modelOf = knownModels({ starterDir })
  const rowsOf = knownRows(datasetsDir)
  const classesOf = knownClasses(datasetsDir)
  const withConfig = async <T>(spec: RunSpec, use: (config: KnownModel['config']) => T): Promise<T> => {
    const model = await openBaseModel(resolveModelDir(spec.model, { starterDir }))
    try {
      return use(await model.config())
    } finally {
      await model.close()
    }
  }
  const fill = async (spec: RunSpec): Promise<RunSpec> => {
    const { task } = spec
    const classes = await classesOf(spec)
    if (!classes || task.kind === 'causal-lm' || task.labels) return spec
    const found = classes.map(({ label }) => label)
    const labels = await withConfig(spec, (config) => orderAsModel(config, found))
    return { ...spec, task: { ...task, labels: [...labels] } }
  }
  return {
    fill,
    async forecast(asked) {
      const classes = await classesOf(asked)
      const spec = await fill(asked)
      const known = await modelOf(spec.model)
      const model = defineFor(known.config, spec.task)
      const rows = await rowsOf(spec, known)
      const forecast = forecastRun(spec, { model, modelBytes: known.bytesOf(model), ...rows }, freeBytes())
      return { ...forecast, ...(classes && { classes: [...classes] }) }
    },
    check: (spec) =>
      withConfig(spec, (config) => void planRun(spec, defineFor(config, spec.task), { free: freeBytes() })),
  }
}
