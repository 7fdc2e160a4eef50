export { createAdvisor, type Advisor, type AdvisorOptions } from './create-advisor'
export { explainRun, type RunExplanation } from './explain-run'
export { countTrainable, forecastRun } from './forecast-run'
export { layersToKeep, memoryBudget, processMemory, sumBytes } from './kept-layers'
export {
  longestExample,
  longestSequence,
  planRun,
  type PlannedSpec,
  type PlanRunOptions,
  type RunPlans,
} from './plan-run'
export { readEvidence } from './read-evidence'
export type { RunFacts } from './run-facts'
