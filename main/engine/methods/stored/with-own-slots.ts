import type { AppliedMethod, ModelHooks, Scope, StoredTensor, WeightSpec } from '../../nn'

type Hook = (scope: Scope, ...rest: never[]) => unknown

/**
 * A method whose tensors are named apart by a prefix, so that several of one kind stand on one model at once: the same
 * hooks, reading slots of its own. A number in the prefix (`rack.2.`) leaves the graphs equal, so that nothing is compiled
 * again for another adapter of the same shape.
 */
export function withOwnSlots(method: AppliedMethod, prefix: string): AppliedMethod {
  const { trainable, derived = [], adapter } = method
  const own = new Set([...trainable, ...derived.flatMap(({ tensors }) => tensors)].map(({ name }) => name))
  const rename = (slot: string): string => (own.has(slot) ? `${prefix}${slot}` : slot)
  const inside = (scope: Scope): Scope => ({
    ...scope,
    slot: (name, row, rows) => scope.slot(rename(name), row, rows),
  })
  const within = ([name, hook]: [string, Hook]): [string, Hook] => [
    name,
    (scope, ...rest) => hook(inside(scope), ...rest),
  ]
  const renamed = <T extends WeightSpec>(spec: T): T => ({ ...spec, name: rename(spec.name) })
  const stored = (tensor: StoredTensor): StoredTensor => ({ ...tensor, slots: tensor.slots.map(rename) })
  return {
    ...method,
    trainable: trainable.map(renamed),
    hooks: Object.fromEntries((Object.entries(method.hooks) as [string, Hook][]).map(within)) as ModelHooks,
    derived: derived.map(({ tensors, build }) => ({
      tensors: tensors.map(renamed),
      build: (scope) => build(inside(scope)),
    })),
    ...(adapter && { adapter: { ...adapter, tensors: adapter.tensors.map(stored) } }),
  }
}
