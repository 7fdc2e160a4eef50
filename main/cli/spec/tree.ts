/** Settings as they come from a file, from options or from another run, in the shape of a run's spec. */
export type Tree = Readonly<Record<string, unknown>>

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Branches that mean one thing: half of one and half of another would mean neither. */
const whole = new Set(['model', 'dataset', 'startFrom', 'training.validation'])

/** Parameters belong to their method: another method brings none of the first one's. */
const isOtherMethod = (at: string, before: Tree, after: Tree): boolean =>
  at === 'method' && before['id'] !== after['id']

/** The second tree over the first: what it says counts, what it does not say stays. */
export function overlay(under: Tree, over: Tree, path = ''): Tree {
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const [at, before] = [path + key, merged[key]]
    const mixes = isTree(before) && isTree(value) && !whole.has(at) && !isOtherMethod(at, before, value)
    merged[key] = mixes ? overlay(before, value, `${at}.`) : value
  }
  return merged
}

/** The value at `training.steps`, or undefined where there is none. */
export function valueAt(tree: Tree, path: string): unknown {
  return path.split('.').reduce<unknown>((branch, key) => (isTree(branch) ? branch[key] : undefined), tree)
}
