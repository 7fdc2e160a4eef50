import type { MethodInfo, ParameterValues, Task } from '../../../../main/engine/nn'
import { methods } from '../../../../main/engine/methods'

type TaskKind = Task['kind']

export interface Spot {
  readonly family: string
  readonly task: TaskKind
}

/** What a method promises, beyond what its declaration says. A new method is one more row; so is a variant of one. */
export interface MethodRow {
  readonly name: string
  readonly id: MethodInfo['id']
  readonly values?: ParameterValues
  /** Largest difference of the logits between the base model and the untrained method; absent: no promise. */
  readonly untouchedAtStart?: number
  /** Absent: on every family, for every task that the method declares. A variant needs no more than one or two. */
  readonly only?: readonly Spot[]
}

const spot = (family: string): Spot => ({ family, task: 'causal-lm' })
const one = [spot('llama')]

export const methodRows: readonly MethodRow[] = [
  { name: 'LoRA', id: 'lora', untouchedAtStart: 0 },
  { name: 'rsLoRA', id: 'lora', values: { rslora: true, r: 4 }, untouchedAtStart: 0, only: one },
  { name: 'LoRA on two matrices', id: 'lora', values: { targets: 'q_proj, v_proj' }, untouchedAtStart: 0, only: one },
  {
    name: 'LoRA on one matrix',
    id: 'lora',
    values: { targets: 'model.layers.1.mlp.down_proj', r: 3 },
    untouchedAtStart: 0,
    only: one,
  },
  { name: 'LoRA with dropout', id: 'lora', values: { dropout: 0.1 }, untouchedAtStart: 0, only: one },
  { name: 'LoRA+', id: 'lora', values: { loraplusRatio: 16 }, untouchedAtStart: 0, only: one },
  {
    name: 'LoRA with ranks of their own in one layer',
    id: 'lora',
    values: { layers: '1', exclude: 'o_proj', ranks: 'q_proj=3, mlp.up_proj=2', alphas: 'v_proj=4', rslora: true },
    untouchedAtStart: 0,
    only: one,
  },
  { name: 'LoRA on a tied model', id: 'lora', untouchedAtStart: 0, only: [spot('llama-tied-scaled')] },
  // GPT-2's matrices have biases, which the magnitudes leave alone.
  { name: 'DoRA', id: 'lora', values: { dora: true }, untouchedAtStart: 1e-5, only: [spot('llama'), spot('gpt2')] },
  {
    name: 'DoRA with dropout',
    id: 'lora',
    values: { dora: true, dropout: 0.2, loraplusRatio: 4 },
    untouchedAtStart: 1e-5,
    only: one,
  },
  { name: 'QLoRA with DoRA', id: 'qlora', values: { dora: true }, untouchedAtStart: 1e-5, only: one },
  // Houlsby's first weights are small, not zero: it begins near the base model.
  { name: 'Houlsby adapters', id: 'adapter' },
  {
    name: 'Pfeiffer adapters with a learned scale, in one layer',
    id: 'adapter',
    values: { kind: 'pfeiffer', scaling: 'learned', leave_out: '0', reduction: 4 },
    only: one,
  },
  {
    name: 'parallel adapters with dropout',
    id: 'adapter',
    values: { kind: 'parallel', dropout: 0.1 },
    untouchedAtStart: 0,
    only: one,
  },
  { name: 'QLoRA', id: 'qlora', untouchedAtStart: 0 },
  {
    name: 'QLoRA in FP4, computed in bfloat16, on two matrices',
    id: 'qlora',
    values: { format: 'fp4', block: 128, doubleQuant: false, compute: 'bf16', targets: 'q_proj, v_proj' },
    untouchedAtStart: 0,
    only: one,
  },
  { name: 'full fine-tuning', id: 'full', untouchedAtStart: 0 },
  { name: 'full fine-tuning of a tied model', id: 'full', untouchedAtStart: 0, only: [spot('llama-tied-scaled')] },
  { name: 'prompt tuning', id: 'prompt', values: { tokens: 5 } },
  { name: 'prompt tuning from random numbers', id: 'prompt', values: { tokens: 1, init: 'random' }, only: one },
  { name: 'prompt tuning from other words', id: 'prompt', values: { tokens: 3, init: 'vocabulary' }, only: one },
  { name: 'prefix tuning', id: 'prefix', values: { tokens: 5 } },
  { name: 'projected prefix', id: 'prefix', values: { tokens: 4, projection: true, hidden: 12 }, only: one },
  { name: 'P-Tuning', id: 'p-tuning', values: { tokens: 3, hidden: 6 } },
  { name: 'P-Tuning with an MLP', id: 'p-tuning', values: { tokens: 3, encoder: 'mlp', hidden: 6 }, only: one },
  { name: 'P-Tuning v2', id: 'p-tuning-v2', values: { tokens: 6 } },
]

/** Tiny models in `test/goldens/models`, one a family. A new family is one more row. */
export const familyRows: readonly string[] = ['llama', 'qwen2', 'qwen3', 'gemma3', 'gpt2']

export const tasks: { readonly [K in TaskKind]: Extract<Task, { kind: K }> } = {
  'causal-lm': { kind: 'causal-lm' },
  'sequence-classification': { kind: 'sequence-classification', labels: ['yes', 'no', 'maybe'] },
}

export interface Combination {
  readonly row: MethodRow
  readonly family: string
  readonly task: Task
}

function tasksOf({ id }: MethodRow): readonly TaskKind[] {
  const method = methods.find(({ info }) => info.id === id)
  if (!method) throw new Error(`the matrix has a row of a method ${id} that there is not`)
  return method.info.tasks
}

const everywhere = (row: MethodRow): Spot[] =>
  familyRows.flatMap((family) => tasksOf(row).map((task) => ({ family, task })))

export const combinations: readonly Combination[] = methodRows.flatMap((row) =>
  (row.only ?? everywhere(row)).map(({ family, task }) => ({ row, family, task: tasks[task] })),
)
