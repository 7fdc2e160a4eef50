import { posix } from 'node:path'
import type { SourceTree } from './source-tree'

export interface SizeLimits {
  readonly filesPerFolder: number
  readonly linesPerFile: number
  /** Rule tables, by path: one long table is better than two halves. */
  readonly ruleTables: readonly string[]
  readonly linesPerRuleTable: number
}

const lineCount = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

/** Folders and files that have grown past the house's limits. */
export function findOversized(limits: SizeLimits, tree: SourceTree): string[] {
  const folders = new Map<string, number>()
  for (const path of tree.keys()) folders.set(posix.dirname(path), (folders.get(posix.dirname(path)) ?? 0) + 1)
  const crowded = [...folders].filter(([, count]) => count > limits.filesPerFolder)
  const long = [...tree].flatMap(([path, text]) => {
    const limit = limits.ruleTables.includes(path) ? limits.linesPerRuleTable : limits.linesPerFile
    const lines = lineCount(text)
    return lines > limit ? [`${path}: expected at most ${limit} lines, got ${lines}; split it by what it does`] : []
  })
  const crowdedText = crowded.map(
    ([folder, count]) =>
      `${folder}: expected at most ${limits.filesPerFolder} code files, got ${count}; group some in a sub-folder`,
  )
  return [...crowdedText, ...long]
}
