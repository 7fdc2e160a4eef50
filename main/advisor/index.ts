export { createAdvisor, type Advisor, type AdvisorOptions } from './create-advisor'
export { explainRun, type RunExplanation } from './explain-run'
export { countTrainable, forecastRun } from './forecast-run'
export { layersToKeep, memoryBudget, processMemory, sumBytes } from './kept-layers'
export {
  methodOfRun,
  planRun,
  type PlannedSpec,
  type PlanRunOptions,
  type RunPlans,
} from './plan-run'
export type { RunFacts } from './run-facts'
export type { RunLengths } from './run-lengths'
