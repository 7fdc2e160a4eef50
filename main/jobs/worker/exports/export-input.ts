import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportRequest, RunView } from '../../../../preload/contract'
import type { ExportTarget, Reader, Speaker, StoredType } from '../../../engine/export'
import type { AppliedMethod, ReadTensor } from '../../../engine/nn'
import type { Backend } from '../../../engine/plan'
import { atomicFileSink } from '../../../files'
import type { JobContext } from '../job-context'
import type { OpenModel } from '../tuning/open-model'
import type { ProofTexts } from './proof-texts'

/** What every format is written from. */
export interface ExportInput {
  readonly view: RunView
  readonly request: ExportRequest
  /** What the run continued. */
  readonly startedFrom: string | undefined
  readonly model: OpenModel
  readonly method: AppliedMethod
  /** Reads the trained tensors, and what is derived of them. */
  readonly read: ReadTensor
  readonly backend: Backend
  readonly threads: number
  readonly texts: ProofTexts
  readonly folder: string
  readonly context: JobContext
}

/** An export, loaded by the reader of its format. */
export interface Exported {
  readonly speaker: Speaker
  /** Absent where the format has no tokenizer of its own. */
  readonly reader?: Reader
  /** What the limits of the comparison go by. */
  readonly type: StoredType
}

export const folderTarget = (folder: string): ExportTarget => ({
  create: (name) => atomicFileSink(join(folder, name)),
  remove: (name) => rm(join(folder, name), { force: true }),
})

export const tellProgress =
  ({ emit }: JobContext) =>
  (done: number, total: number): void =>
    emit({ type: 'stage', stage: 'export', done, total })
