export {
  beginCheckpoint,
  bestCheckpoint,
  completeCheckpoint,
  latestCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  resultCheckpoint,
  STATE_FILE,
  type Checkpoint,
} from './checkpoints'
export { followRunEvents } from './follow-run'
export { runPaths, type RunPaths } from './run-folder'
export { lockHolder, runLocked, type RunLock } from './run-lock'
export { readRunEvents, type RunLog } from './run-log'
export {
  createRun,
  listRuns,
  openRun,
  readRun,
  readRunView,
  removeRun,
  type ListOptions,
  type NewRun,
  type OpenRun,
  type SummaryCache,
} from './run-store'
export { initialRunView, isActive, reduceRun, snapshotRunView, summariseRun, type RunIdentity } from './run-view'
export { prepareStart } from './start/prepare-start'
export { readStartAbout, startState, type StartAbout } from './start/start-folder'
export { appClosed, resumeAdvice, settleRun } from './settle-run'
