import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Text by path from the repository's root, with forward slashes. */
export type SourceTree = ReadonlyMap<string, string>

const CODE = /\.(ts|vue|mjs)$/

/** Reads every code file below these folders. */
export function readSourceTree(root: string, folders: readonly string[], skip: readonly string[] = []): SourceTree {
  const tree = new Map<string, string>()
  const walk = (folder: string): void => {
    if (skip.includes(folder)) return
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (CODE.test(path)) tree.set(path, readFileSync(join(root, path), 'utf8'))
    }
  }
  folders.forEach(walk)
  return tree
}
