import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CardFacts, ExportTarget } from '../../../main/engine/export'
import { memorySink, type FileSource } from '../../../main/engine/tensor'
import { atomicFileSink } from '../../../main/files'
import { folderOf } from '../checkpoint/files'

export interface MemoryTarget extends ExportTarget {
  readonly files: Record<string, Uint8Array>
  text(name: string): string
  source(): FileSource
}

/** Keeps what was committed, by name, in the order of the commits. */
export function memoryTarget(): MemoryTarget {
  const files: Record<string, Uint8Array> = {}
  return {
    files,
    text: (name) => new TextDecoder().decode(files[name]),
    source: () => folderOf(files),
    async create(name) {
      const sink = memorySink()
      return { ...sink, commit: async () => void (files[name] = sink.bytes()), abort: async () => {} }
    },
    remove: async (name) => void delete files[name],
  }
}

/** The host's way: a folder on disk, every file atomic. */
export function folderTarget(folder: string): ExportTarget {
  return {
    create: (name) => atomicFileSink(join(folder, name)),
    remove: (name) => rm(join(folder, name)),
  }
}

export type Fault = 'create' | 'write' | 'commit'

/** The same on a disk that is full when file number `index` comes to `fault`. */
export function fullDiskTarget(folder: string, index: number, fault: Fault): ExportTarget {
  const target = folderTarget(folder)
  const fail = async (): Promise<never> => {
    throw new Error('no space left')
  }
  let count = 0
  return {
    ...target,
    async create(name) {
      if (count++ !== index) return target.create(name)
      if (fault === 'create') return fail()
      const sink = await target.create(name)
      if (fault === 'write') return { ...sink, write: fail }
      return { ...sink, commit: fail }
    },
  }
}

export const card: CardFacts = {
  title: 'Pirate | answers',
  runId: 'pirate-1',
  software: 'Graft Studio 0.1.0',
  base: { name: 'someone/tiny-llama', licence: 'apache-2.0' },
  data: { name: 'pirate.jsonl', rows: 180, validationRows: 20, fingerprint: 'a1b2c3' },
  settings: { rank: 8, 'learning rate': 0.002, schedule: 'linear' },
  results: [
    { measure: 'loss', before: 2.34567891, after: 1.25 },
    { measure: 'exact match', after: 0.5 },
  ],
}
