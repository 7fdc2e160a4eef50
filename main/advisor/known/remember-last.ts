/** Makes a value once for each key and remembers the last `count` of them; one that could not be made is forgotten. */
export function rememberLast<T>(count: number): (key: string, make: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (key, make) => {
    const value = known.get(key) ?? make()
    known.delete(key)
    known.set(key, value)
    for (const oldest of known.keys()) if (known.size > count) known.delete(oldest)
    value.catch(() => known.get(key) === value && known.delete(key))
    return value
  }
}
