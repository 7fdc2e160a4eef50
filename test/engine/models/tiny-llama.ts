import { elements } from '../../../main/engine/graph'
import type { ModelDefinition } from '../../../main/engine/nn'
import type { Backend, Executor, Plan } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'

/** Two layers, four query heads on two key/value heads. */
export const tinyConfig = {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 10,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 11,
}

export type Weights = ReadonlyMap<string, Float32Array>

/** Norms around one, all else around zero: no weight is one that a mistake would not show with. */
export function randomWeights({ weights }: ModelDefinition, seed: number): Weights {
  const rng = createRng(seed)
  return new Map(
    weights.map(({ name, shape }) => {
      const centre = name.includes('norm') ? 1 : 0
      return [name, Float32Array.from({ length: elements(shape) }, () => centre + 0.4 * rng.normal())]
    }),
  )
}

/** An executor with the plans prepared, the weights and the model's constants uploaded. */
export async function openPlans(
  backend: Backend,
  model: ModelDefinition,
  weights: Weights,
  plans: readonly Plan[],
  maxLength: number,
): Promise<Executor> {
  const executor = await backend.open({ threads: 1 })
  await executor.prepare(plans)
  for (const [name, data] of weights) await executor.upload(name, data.slice())
  for (const { name, make } of model.constants(maxLength)) await executor.upload(name, make())
  return executor
}
