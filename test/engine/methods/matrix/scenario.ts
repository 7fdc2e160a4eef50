import { openSafetensors } from '../../../../main/engine/checkpoint'
import { exportAdapterHub, exportMergedHf, exportPeft } from '../../../../main/engine/export'
import { disabled, findMethod, loadAdapter } from '../../../../main/engine/methods'
import type { AppliedMethod, ReadTensor } from '../../../../main/engine/nn'
import {
  bringsWeight,
  initialiseTrainables,
  loadBaseWeights,
  type Executor,
  type Plan,
} from '../../../../main/engine/plan'
import { createRng } from '../../../../main/engine/rng'
import { memorySink, memorySource } from '../../../../main/engine/tensor'
import { readTrainingState, trainStep, writeTrainingState } from '../../../../main/engine/train'
import { card, memoryTarget } from '../../export/targets'
import type { Combination } from './rows'
import {
  answeringOf,
  answers,
  asComputed,
  bareMethod,
  batchOf,
  contextOf,
  maxLength,
  openFamily,
  openStageModel,
  trainingOf,
  withStage,
  type StageModel,
} from './stage'

/** All that the matrix judges, of one method on one model: logits, losses and states as bytes. */
export interface Outcome {
  /** Of the model alone, with the first values of what the method trains of the model's own tensors. */
  readonly base: Float32Array
  readonly start: Float32Array
  readonly losses: readonly number[]
  /** Trained tensors that three steps left as they were. */
  readonly unmoved: readonly string[]
  /** Frozen tensors that they changed. */
  readonly changed: readonly string[]
  readonly trained: Float32Array
  readonly disabled: Float32Array
  /** Of the model alone, with the trained values of its own tensors. */
  readonly bare: Float32Array
  /** After three steps at once; after two, a restart and the third; with kept layers. */
  readonly states: { readonly whole: Uint8Array; readonly resumed: Uint8Array; readonly kept: Uint8Array }
  readonly loaded: Float32Array
  readonly merged: Float32Array | undefined
}

interface Run {
  readonly stage: StageModel
  readonly method: AppliedMethod
  readonly executor: Executor
}

const STEPS = 3
const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.slice().buffer)
const equal = (a: Float32Array, b: Float32Array): boolean => Buffer.compare(bytesOf(a), bytesOf(b)) === 0

async function takeSteps({ stage, method, executor }: Run, plan: Plan, from: number, to: number): Promise<number[]> {
  const batch = batchOf(stage.model, method, 7)
  const losses: number[] = []
  for (let step = from; step <= to; step++) {
    const input = { batches: [batch], planOf: () => plan, learningRate: 5e-3, step, seed: 1 }
    losses.push((await trainStep(executor, stage.model, method, input)).loss)
  }
  return losses
}

async function stateOf({ executor, method }: Run): Promise<Uint8Array> {
  const sink = memorySink()
  await writeTrainingState(executor, method, sink)
  return sink.bytes()
}

const restore = async ({ executor, method }: Run, state: Uint8Array): Promise<void> =>
  readTrainingState(executor, method, await openSafetensors(memorySource('state', state)))

/** Copies of all that a method trains or derives. */
async function trainedTensors({ executor, method }: Run): Promise<Map<string, Float32Array>> {
  const names = [...method.trainable, ...(method.derived ?? []).flatMap(({ tensors }) => tensors)].map(
    ({ name }) => name,
  )
  const tensors = new Map<string, Float32Array>()
  for (const name of names) tensors.set(name, (await executor.read(name)).slice())
  return tensors
}

const readerOf =
  (tensors: ReadonlyMap<string, Float32Array>): ReadTensor =>
  async (name) =>
    tensors.get(name) as Float32Array

/** Of the base model's tensors those that the method does not train and that are no longer what the checkpoint holds. */
async function changedTensors({ stage, method, executor }: Run): Promise<string[]> {
  const { checkpoint } = asComputed(stage, method)
  const trained = new Set(method.trainable.map(({ name }) => name))
  const changed: string[] = []
  for (const spec of stage.model.weights) {
    if (trained.has(spec.name) || !bringsWeight(stage.checkpoint, spec)) continue
    if (!equal(await executor.read(spec.name), await checkpoint.readFloat32(spec.name))) changed.push(spec.name)
  }
  return changed
}

/** What the first executor is asked: it trains. */
async function train(stage: StageModel, method: AppliedMethod) {
  const { model } = stage
  const [recomputing, keeping] = [trainingOf(model, method), trainingOf(model, method, model.config.layers)]
  const [answering, off] = [answeringOf(model, method), answeringOf(model, disabled(method))]
  return withStage(stage, method, [recomputing, keeping, answering, off], async (executor) => {
    const run: Run = { stage, method, executor }
    await initialiseTrainables(executor, method, createRng(7), contextOf(asComputed(stage, method)))
    const untrained = await stateOf(run)
    const start = await answers(executor, answering, model, method)
    const first = await trainedTensors(run)
    const losses = await takeSteps(run, recomputing, 1, 2)
    const halfway = await stateOf(run)
    losses.push(...(await takeSteps(run, recomputing, STEPS, STEPS)))
    const trained = await answers(executor, answering, model, method)
    const last = await trainedTensors(run)
    const ended = {
      start,
      losses,
      unmoved: method.trainable.map(({ name }) => name).filter((name) => equal(first.get(name)!, last.get(name)!)),
      changed: await changedTensors(run),
      trained,
      disabled: await answers(executor, off, model, disabled(method)),
    }
    const whole = await stateOf(run)
    await restore(run, halfway)
    await takeSteps(run, recomputing, STEPS, STEPS)
    const resumed = await stateOf(run)
    await restore(run, untrained)
    await takeSteps(run, keeping, 1, STEPS)
    return { ...ended, first, last, states: { whole, resumed, kept: await stateOf(run) } }
  })
}

/** The method as it comes back from its folder, with its tensors; undefined where it has none of its own. */
async function storedAdapter(stage: StageModel, method: AppliedMethod, read: ReadTensor) {
  if (!method.adapter) return undefined
  const target = memoryTarget()
  const input = { method, read, card, target, model: stage.model, config: stage.json }
  await (method.adapter.layout === 'peft' ? exportPeft(input) : exportAdapterHub(input))
  return loadAdapter(target.source(), stage.model)
}

/** The model with the method in its weights, from its folder; undefined where it cannot be put there. */
async function mergedModel(stage: StageModel, method: AppliedMethod, read: ReadTensor) {
  if (method.adapter && !method.info.mergeable) return undefined
  const { model, checkpoint, json, files } = stage
  const target = memoryTarget()
  const written = { model, checkpoint, config: json, files, method, read }
  await exportMergedHf({ ...written, dtype: 'base', stopIds: [], card, target })
  return openStageModel(target.source())
}

type Tensors = ReadonlyMap<string, Float32Array>

/** What a second executor is asked, which knows nothing of the first: the model alone, the method's folder, the merged model. */
async function comeBack(trained: StageModel, method: AppliedMethod, first: Tensors, last: Tensors) {
  const stage = asComputed(trained, method)
  const { model } = stage
  const stored = await storedAdapter(stage, method, readerOf(last))
  const merged = await mergedModel(trained, method, readerOf(last))
  const bare = bareMethod(model)
  const alone = answeringOf(model, bare)
  const whole = merged && answeringOf(merged.model, bare)
  const answering = stored && answeringOf(model, stored.method)
  const plans = [alone, whole, answering].flatMap((plan) => plan ?? [])
  return withStage(stage, bare, plans, async (executor) => {
    const own = model.weights.filter(({ name }) => first.has(name)).map(({ name }) => name)
    const answerWith = async (values: Tensors): Promise<Float32Array> => {
      for (const name of own) await executor.upload(name, values.get(name)!.slice())
      return answers(executor, alone, model, bare)
    }
    const [base, ofBare] = [await answerWith(first), await answerWith(last)]
    const answerStored = async (): Promise<Float32Array | undefined> => {
      if (!stored || !answering) return undefined
      for (const { name } of stored.method.trainable) await executor.upload(name, await stored.read(name))
      return answers(executor, answering, model, stored.method)
    }
    const answerMerged = async (): Promise<Float32Array | undefined> => {
      if (!merged || !whole) return undefined
      await loadBaseWeights(executor, merged.model, merged.checkpoint, maxLength)
      return answers(executor, whole, merged.model, bare)
    }
    return { base, bare: ofBare, loaded: await answerStored(), merged: await answerMerged() }
  })
}

/** Puts a method on a tiny model, trains it three steps on one batch, stores it in all its forms and loads these. */
export async function playScenario({ row, family, task }: Combination): Promise<Outcome> {
  const stage = await openFamily(family, task)
  const method = findMethod(row.id).apply(stage.model, row.values ?? {})
  const { first, last, ...trained } = await train(stage, method)
  const { loaded, ...back } = await comeBack(stage, method, first, last)
  // A method without an adapter is stored as the model that it has become.
  return { ...trained, ...back, loaded: loaded ?? (back.merged as Float32Array) }
}
