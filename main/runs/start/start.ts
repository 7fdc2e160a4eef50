import type { RunSpec, RunView } from '../../../preload/contract'
import type { ModelDefinition } from '../../engine/nn'
import type { ModelPlaces } from '../../models'

/** Where a start is looked for. */
export interface StartPlaces extends ModelPlaces {
  readonly runs: string
  /** A run's view, put right. @throws HostError `run-missing` */
  view(id: string): Promise<RunView>
}

/** The base model of the new run, as far as a start must fit it. */
export interface StartBase {
  readonly name: string
  readonly definition: ModelDefinition
  readonly fingerprint: string
}

/** A start that fits. */
export interface PreparedStart {
  /** With everything filled in that the start decides. */
  readonly spec: RunSpec
  /** Writes the run's own copy, so that nothing that happens to the original matters. */
  writeTo(start: string): Promise<void>
  close(): Promise<void>
}

type StartOf<K> = Extract<NonNullable<RunSpec['startFrom']>, { kind: K }>

export interface StartRequest<K extends string> {
  readonly spec: RunSpec
  readonly startFrom: StartOf<K>
  readonly base: StartBase
  readonly places: StartPlaces
}
