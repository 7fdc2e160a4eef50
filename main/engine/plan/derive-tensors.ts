import type { AppliedMethod, ModelDefinition, ReadTensor } from '../nn'
import { planDerivation } from './build/derivation'
import type { Backend } from './plan'

/**
 * Computes what an adapter's file holds of tensors that a method derives from its trained ones: what a prompt encoder made.
 * @param read the trained tensors
 * @returns reads both, the derived ones from memory
 */
export async function deriveTensors(
  backend: Backend,
  model: ModelDefinition,
  method: AppliedMethod,
  read: ReadTensor,
): Promise<ReadTensor> {
  const plan = planDerivation(model, method)
  const names = [...plan.slots.values()].filter(({ role }) => role === 'derived').map(({ name }) => name)
  if (names.length === 0) return read
  const executor = await backend.open({ threads: 1 })
  const derived = new Map<string, Float32Array>()
  try {
    await executor.prepare([plan])
    for (const { name } of method.trainable) await executor.upload(name, (await read(name)).slice())
    await executor.run(plan, 'begin')
    for (const name of names) derived.set(name, (await executor.read(name)).slice())
  } finally {
    await executor.dispose()
  }
  return async (name) => derived.get(name) ?? read(name)
}
