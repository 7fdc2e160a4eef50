import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file as a browser tells of it: without the folder that it lies in. */
export interface KnownFile {
  readonly name: string
  readonly bytes: number
}

/** Folders that are looked into before giving up, so that a home full of files costs a moment and not minutes. */
const maxFolders = 4000
const maxDepth = 5
/** No model lies there, and they are large. */
const passedOver = /^(?:node_modules|\..*\.app|__pycache__|\.git)$/

/** What lies in a folder; nothing where it cannot be read. */
const entriesOf = (folder: string) => readdir(folder, { withFileTypes: true }).catch(() => [])

async function hasSize(path: string, bytes: number): Promise<boolean> {
  // Caches of models hold links to the files.
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true && found.size === bytes
}

/**
 * The path of a file that is known by its name and size only, looked for in these folders and some way below them, the
 * first folder first. Undefined where it is not found.
 */
export async function locateFile({ name, bytes }: KnownFile, folders: readonly string[]): Promise<string | undefined> {
  let level = [...folders]
  let looked = 0
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const next: string[] = []
    for (const folder of level) {
      if (++looked > maxFolders) return undefined
      const entries = await entriesOf(folder)
      if (entries.some((entry) => entry.name === name) && (await hasSize(join(folder, name), bytes)))
        return join(folder, name)
      for (const entry of entries)
        if (entry.isDirectory() && !passedOver.test(entry.name)) next.push(join(folder, entry.name))
    }
    level = next
  }
  return undefined
}

/** Where people and programs keep models, below a home folder. */
const habits = [
  'models',
  'Models',
  'Downloads',
  'Desktop',
  'Documents',
  '下载',
  '桌面',
  '文档',
  '.lmstudio/models',
  '.cache/lm-studio/models',
  '.cache/huggingface/hub',
]

export function usualFolders(home: string): string[] {
  return habits.map((name) => join(home, name))
}
