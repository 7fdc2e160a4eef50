import type {
  Dataset,
  MethodInfo,
  ModelCard,
  ModelRef,
  Remedy,
  RunSpecInput,
  SampleInfo,
} from '../../../preload/contract'

export type Value = number | boolean | string
type Training = NonNullable<RunSpecInput['training']>

/** What the set-up page is filled with before it becomes a run. */
export interface Draft {
  readonly name: string
  readonly model: ModelRef
  readonly method: string
  readonly parameters: Readonly<Record<string, Value>>
  /** Whether `steps` or `epochs` says how long. */
  readonly length: 'steps' | 'epochs'
  /** A run that this one continues: its model and method are settled then. */
  readonly startFrom?: RunSpecInput['startFrom']
  readonly training: Training & { readonly steps: number; readonly epochs: number; readonly batchSize: number }
}

export const starter: ModelRef = { kind: 'starter' }

/** The run behind "Try it with the sample": as the sample recommends. */
export function sampleSpec(
  dataset: Pick<Dataset, 'id' | 'name'>,
  { settings }: Pick<SampleInfo, 'settings'>,
): RunSpecInput {
  return { name: dataset.name, model: starter, dataset: { id: dataset.id }, ...settings }
}

/** Two passes over the rows, but at least 60 steps (small sets need them) and at most 300 (a first run should end soon). */
export function suggestSteps(rows: number, batchSize: number): number {
  return Math.min(300, Math.max(60, Math.ceil((2 * rows) / batchSize)))
}

/** The starter is small, and small models take larger steps: twice the method's default. */
export function suggestRate(method: MethodInfo, model: ModelRef): number {
  return model.kind === 'starter' ? 2 * method.learningRate.default : method.learningRate.default
}

/** The first draft for a dataset: everything filled in, so that Start works at once. */
export function firstDraft(dataset: Dataset, method: MethodInfo, model: ModelRef = starter): Draft {
  const batchSize = 8
  const steps = suggestSteps(dataset.rows, batchSize)
  return {
    name: dataset.name,
    model,
    method: method.id,
    parameters: {},
    length: 'steps',
    training: { steps, epochs: 2, batchSize, maxLength: 512, learningRate: suggestRate(method, model) },
  }
}

/** The draft as the service takes it. */
export function toRunSpec(draft: Draft, dataset: string): RunSpecInput {
  const { steps, epochs, ...training } = draft.training
  return {
    name: draft.name,
    model: draft.model,
    dataset: { id: dataset },
    method: { id: draft.method, parameters: { ...draft.parameters } },
    ...(draft.startFrom && { startFrom: draft.startFrom }),
    training: { ...training, ...(draft.length === 'steps' ? { steps } : { epochs }) },
  }
}

/** A smaller batch or shorter rows. More batches are summed into a step then, so that a step learns from as many rows. */
export function applyRemedy(
  { batchSize, accumulation = 1 }: Draft['training'],
  { setting, value }: Exclude<Remedy, { setting: 'method' }>,
): Partial<Draft['training']> {
  if (setting === 'maxLength') return { maxLength: value }
  return { batchSize: value, accumulation: Math.ceil((batchSize * accumulation) / value) }
}

export type Obstacle = 'no-rows' | 'unmapped' | 'model-unknown' | 'model-broken' | 'held-out-missing' | 'setting-wrong'

/** Whether it is said which rows are held out, but not yet all of it. */
function lacksHeldOut({ training: { validation } }: Draft): boolean {
  if (validation?.kind === 'dataset') return validation.id === ''
  return validation?.kind === 'column' && validation.column === ''
}

/** What keeps a run from being started. */
export interface SetupState {
  readonly dataset: Dataset
  readonly card: ModelCard | undefined
  readonly draft: Draft | undefined
  /** Whether a setting has a value that cannot be used. */
  readonly faulty: boolean
}

/** Why a draft cannot be started yet; undefined where it can. */
export function findObstacle({ dataset, card, draft, faulty }: SetupState): Obstacle | undefined {
  if (dataset.form === 'unknown') return 'unmapped'
  if (dataset.rows === 0) return 'no-rows'
  if (!card) return 'model-unknown'
  if (card.broken) return 'model-broken'
  if (draft && lacksHeldOut(draft)) return 'held-out-missing'
  return faulty ? 'setting-wrong' : undefined
}
