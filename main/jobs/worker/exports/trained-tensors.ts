import type { TensorFile } from '../../../engine/checkpoint'
import type { AppliedMethod, ModelDefinition, ReadTensor } from '../../../engine/nn'
import { planDerivation, type Backend } from '../../../engine/plan'

/** What is derived of the trained tensors: computed once, by the plan that training computes it with. */
async function derivedTensors(
  model: ModelDefinition,
  method: AppliedMethod,
  state: TensorFile,
  backend: Backend,
): Promise<ReadonlyMap<string, Float32Array>> {
  const values = new Map<string, Float32Array>()
  if (!method.derived) return values
  const executor = await backend.open({ threads: 1 })
  try {
    const plan = planDerivation(model, method)
    await executor.prepare([plan])
    for (const { name } of method.trainable) await executor.upload(name, await state.readFloat32(name))
    await executor.run(plan, 'begin')
    for (const { name } of method.derived.tensors) values.set(name, (await executor.read(name)).slice())
    return values
  } finally {
    await executor.dispose()
  }
}

/** Reads a run's trained tensors from its checkpoint, and what is derived of them. */
export async function readTrained(
  model: ModelDefinition,
  method: AppliedMethod,
  state: TensorFile,
  backend: Backend,
): Promise<ReadTensor> {
  const derived = await derivedTensors(model, method, state, backend)
  return async (name) => derived.get(name)?.slice() ?? state.readFloat32(name)
}
