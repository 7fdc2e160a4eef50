import type { TaskChoice } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import { defineModel, readTask } from '../engine/models'
import { causalLm, type ModelDefinition, type Task } from '../engine/nn'

type Json = Readonly<Record<string, unknown>>

function requireWriter(config: Json): void {
  const { kind } = readTask(config)
  if (kind === 'causal-lm') return
  const message =
    'model: expected one that writes text, got a classifier; let it pick a label (--task classify), or choose another model'
  throw new GraftError('unsupported', message, { task: kind })
}

/** @throws GraftError `unsupported` for text from a classifier; `invalid-argument` where the classes are not known yet */
function taskOf(choice: TaskChoice, config: Json): Task {
  if (choice.kind === 'causal-lm') {
    requireWriter(config)
    return causalLm
  }
  if (choice.labels) return { kind: choice.kind, labels: choice.labels }
  throw new GraftError('invalid-argument', 'task: expected the labels of the classes, got none; name them')
}

/** The model that a config.json describes, for the task of a run. @throws GraftError like `defineModel`, and `unsupported` */
export function defineFor(config: Json, choice: TaskChoice): ModelDefinition {
  return defineModel(config, taskOf(choice, config))
}

/** Labels in the order of the base model's classes where it has the same ones: then its score fits and training goes on. */
export function orderAsModel(config: Json, labels: readonly string[]): readonly string[] {
  const task = readTask(config)
  if (task.kind !== 'sequence-classification') return labels
  const isSame = task.labels.length === labels.length && labels.every((label) => task.labels.includes(label))
  return isSame ? task.labels : labels
}
