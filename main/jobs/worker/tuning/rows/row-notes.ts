/** Counts what happened to rows and remembers where it happened first. */
export interface RowNotes {
  add(what: string, line: number): void
  lines(): string[]
}

export function createNotes(): RowNotes {
  const found = new Map<string, { count: number; line: number }>()
  return {
    add(what, line) {
      const before = found.get(what)
      found.set(what, { count: (before?.count ?? 0) + 1, line: before?.line ?? line })
    },
    lines: () =>
      [...found].map(
        ([what, { count, line }]) => `${count} ${count === 1 ? 'row' : 'rows'}: ${what} (first: line ${line})`,
      ),
  }
}
