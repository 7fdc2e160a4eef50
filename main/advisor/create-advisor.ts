import type { Forecast, RunSpec } from '../../preload/contract'
import { defineModel } from '../engine/models'
import { openBaseModel, resolveModelDir, type ModelPlaces } from '../models'
import { forecastRun } from './forecast-run'
import { knownModels } from './known-models'
import { knownRows } from './known-rows'
import { planRun } from './plan-run'

export interface AdvisorOptions extends ModelPlaces {
  readonly datasetsDir: string
  /** Bytes that the machine could give. */
  freeBytes(): number
}

/** Says what can be known of a run before it starts. Both throw GraftError or HostError that says what is wrong. */
export interface Advisor {
  forecast(spec: RunSpec): Promise<Forecast>
  /**
   * Whether the run's method can be put on its model: a wrong value or target is told before there is a run that fails.
   * `details.parameter` names the method's parameter.
   */
  check(spec: RunSpec): Promise<void>
}

export function createAdvisor({ starterDir, datasetsDir, freeBytes }: AdvisorOptions): Advisor {
  const modelOf = knownModels({ starterDir })
  const rowsOf = knownRows(datasetsDir)
  return {
    async forecast(spec) {
      const model = await modelOf(spec.model)
      const rows = await rowsOf(spec, model)
      return forecastRun(spec, { model: model.definition, modelBytes: model.bytes, ...rows }, freeBytes())
    },
    async check(spec) {
      const model = await openBaseModel(resolveModelDir(spec.model, { starterDir }))
      try {
        planRun(spec, defineModel(await model.config()), { free: freeBytes() })
      } finally {
        await model.close()
      }
    },
  }
}
