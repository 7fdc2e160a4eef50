import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { RowProblem } from '../../../preload/contract'
import type { ContentKeys } from '../../engine/text'
import { atomicFileSink, type AtomicFileSink } from '../../files'
import type { SurveyTarget } from '../content-survey'
import { datasetFiles, type StoredProblem } from './dataset-folder'
import { encodeEnd, encodeRecords, type RowRecord } from './row-index'
import { encodeKeys } from './row-keys'

export interface WrittenRows {
  /** Usable rows. */
  readonly rows: number
  readonly problems: number
  readonly firstProblem?: RowProblem
  /** SHA-256 of rows.jsonl. */
  readonly fingerprint: string
}

/** Writes what a survey finds; `flush` puts on the disk what has been found since the last one. */
export interface DatasetWriter extends SurveyTarget {
  readonly found: { readonly rows: number; readonly problems: number }
  flush(): Promise<void>
  finish(): Promise<WrittenRows>
  abort(): Promise<void>
}

/** Writes rows.jsonl, rows.index, rows.keys and problems.jsonl into a folder. End with `finish` or `abort`. */
export async function datasetWriter(folder: string): Promise<DatasetWriter> {
  const rowsFile = await atomicFileSink(join(folder, datasetFiles.rows))
  const lists = await listsWriter(folder)
  const hash = createHash('sha256')
  let lines: string[] = []
  let offset = 0
  async function flush(): Promise<void> {
    const bytes = Buffer.from(lines.join(''))
    lines = []
    hash.update(bytes)
    await rowsFile.write(bytes)
    await lists.flush()
  }
  return {
    get found() {
      return lists.found
    },
    row({ text, line }, keys) {
      const length = Buffer.byteLength(text)
      lists.row({ offset, length, line }, keys)
      lines.push(text, '\n')
      offset += length + 1
    },
    problem: (problem, stage) => lists.problem({ ...problem, stage }),
    flush,
    async finish() {
      await flush()
      await rowsFile.commit()
      await lists.commit()
      return { ...lists.found, fingerprint: hash.digest('hex') }
    },
    async abort() {
      await rowsFile.abort()
      await lists.abort()
    },
  }
}

export type ListsWriter = Awaited<ReturnType<typeof listsWriter>>

/** Writes rows.index, rows.keys and problems.jsonl alone: all that changes when a dataset is read in another way. */
export async function listsWriter(folder: string) {
  const indexFile = await atomicFileSink(join(folder, datasetFiles.index))
  const keysFile = await atomicFileSink(join(folder, datasetFiles.keys))
  const problemsFile = await atomicFileSink(join(folder, datasetFiles.problems))
  const unusable: RowRecord[] = []
  let usable: RowRecord[] = []
  let usableKeys: ContentKeys[] = []
  let problems: StoredProblem[] = []
  let found: Omit<WrittenRows, 'fingerprint'> = { rows: 0, problems: 0 }

  async function flush(): Promise<void> {
    const [records, keys, entries] = [usable, usableKeys, problems]
    usable = []
    usableKeys = []
    problems = []
    await indexFile.write(encodeRecords(records))
    await keysFile.write(encodeKeys(keys))
    await writeLines(problemsFile, entries)
  }
  return {
    get found() {
      return found
    },
    row(record: RowRecord, keys: ContentKeys | undefined): void {
      if (keys === undefined) return void unusable.push(record)
      found = { ...found, rows: found.rows + 1 }
      usable.push(record)
      usableKeys.push(keys)
    },
    problem(problem: StoredProblem): void {
      found = { firstProblem: problem, ...found, problems: found.problems + 1 }
      problems.push(problem)
    },
    flush,
    /** All files are whole on the disk before the first of them takes its name. */
    async commit(): Promise<void> {
      await flush()
      await indexFile.write(encodeRecords(unusable))
      await indexFile.write(encodeEnd(found.rows))
      await problemsFile.commit()
      await keysFile.commit()
      await indexFile.commit()
    },
    async abort(): Promise<void> {
      await indexFile.abort()
      await keysFile.abort()
      await problemsFile.abort()
    },
  }
}

async function writeLines(file: AtomicFileSink, values: readonly unknown[]): Promise<void> {
  await file.write(Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join('')))
}
