import { posix } from 'node:path'
import { importsOf } from './read-imports'
import type { SourceTree } from './source-tree'

type Edges = ReadonlyMap<string, ReadonlySet<string>>

function fileEdges(tree: SourceTree): Edges {
  return new Map(
    [...importsOf(tree)].map(([path, targets]) => [
      path,
      new Set(targets.flatMap((target) => ('file' in target && tree.has(target.file) ? [target.file] : []))),
    ]),
  )
}

const isInside = (folder: string, other: string): boolean => folder.startsWith(`${other}/`)

/**
 * Folder → the folders it imports. A folder and one inside it are one thing seen from near and far (an index.ts that
 * re-exports, a helper that its sub-folders share): between those, order among the files is enough.
 */
function folderEdges(files: Edges): Edges {
  const edges = new Map<string, Set<string>>()
  for (const [path, targets] of files) {
    const from = posix.dirname(path)
    const mine = edges.get(from) ?? new Set()
    edges.set(from, mine)
    for (const to of [...targets].map((target) => posix.dirname(target)))
      if (to !== from && !isInside(to, from) && !isInside(from, to)) mine.add(to)
  }
  return edges
}

/** One cycle through `start`, as the names along it, or undefined: breadth first, so the shortest. */
function cycleThrough(edges: Edges, start: string): readonly string[] | undefined {
  const queue: (readonly string[])[] = [[start]]
  const seen = new Set<string>()
  for (const path of queue) {
    for (const next of edges.get(path.at(-1) ?? start) ?? []) {
      if (next === start) return [...path, start]
      if (!seen.has(next)) queue.push([...path, next])
      seen.add(next)
    }
  }
  return undefined
}

function findCycles(what: string, edges: Edges): string[] {
  const told = new Set<string>()
  return [...edges.keys()].flatMap((start) => {
    if (told.has(start)) return []
    const cycle = cycleThrough(edges, start)
    cycle?.forEach((name) => told.add(name))
    return cycle ? [`${what} import each other in a circle: ${cycle.join(' -> ')}`] : []
  })
}

/** Import cycles between files and between folders, each told once; imports of types count. */
export function findImportCycles(tree: SourceTree): string[] {
  const files = fileEdges(tree)
  return [...findCycles('files', files), ...findCycles('folders', folderEdges(files))]
}
