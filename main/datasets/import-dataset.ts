import { rm } from 'node:fs/promises'
import type { Dataset } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import { contentSurvey } from './content-survey'
import { newFolder, settleFolder } from './store/dataset-folder'
import { datasetWriter, type DatasetWriter, type WrittenRows } from './store/dataset-writer'
import {
  openSource,
  peekHead,
  pieceSplitter,
  readers,
  sniffFormat,
  sniffLineBreak,
  sourceName,
  type OpenSource,
  type SourceFile,
} from './readers'

export interface ImportProgress {
  /** Bytes read so far, and in all (0: not known). */
  readonly bytes: number
  readonly totalBytes: number
  readonly rows: number
  readonly problems: number
}

export interface ImportOptions {
  readonly file: SourceFile
  /** What to call the dataset; the file's name where it is missing. */
  readonly name?: string | undefined
  readonly datasetsDir: string
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly now?: (() => Date) | undefined
}

/**
 * Imports a file of JSON Lines, JSON or CSV as a new dataset. Good rows are kept exactly as they are, bad ones are
 * listed with line, column and reason. The dataset appears whole or, on failure and cancel, not at all.
 *
 * Throws GraftError `dataset-empty` where no row can be used, `unsupported` for other formats, `cancelled`;
 * HostError for files and disks.
 */
export async function importDataset(options: ImportOptions): Promise<Dataset> {
  const source = await openSource(options.file)
  let folder: string | undefined
  try {
    folder = await newFolder(options.datasetsDir)
    return await settleFolder(folder, options.datasetsDir, await buildDataset(folder, source, options))
  } finally {
    await source.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function buildDataset(folder: string, source: OpenSource, options: ImportOptions): Promise<Dataset> {
  const writer = await datasetWriter(folder)
  try {
    const { bytes, survey, format } = await readRows(source, writer, options)
    checkCancelled(options)
    const written = await writer.finish()
    const { rows, problems, fingerprint } = written
    const sourceFile = sourceName(options.file)
    if (rows === 0) throw emptyError(sourceFile, written)
    const name = options.name?.trim() || sourceFile.replace(/(?<=.)\.[^.]*$/, '')
    const importedAt = (options.now?.() ?? new Date()).toISOString()
    return { id: '', name, sourceFile, sourceFormat: format, bytes, fingerprint, importedAt, ...survey, rows, problems }
  } finally {
    await writer.abort()
  }
}

async function readRows(source: OpenSource, writer: DatasetWriter, options: ImportOptions) {
  const { bytes: headBytes, head, all } = await peekHead(source.chunks)
  const format = sniffFormat(sourceName(options.file), headBytes, head)
  const survey = contentSurvey(writer)
  const reader = readers[format](survey, head)
  const splitter = pieceSplitter(sniffLineBreak(format, head))
  let bytes = 0
  for await (const chunk of all) {
    checkCancelled(options)
    bytes += chunk.length
    for (const piece of splitter.push(chunk)) reader.push(piece)
    await writer.flush()
    options.onProgress?.({ bytes, totalBytes: source.size, rows: writer.found.rows, problems: writer.found.problems })
  }
  for (const piece of splitter.end()) reader.push(piece)
  reader.end()
  return { bytes, format, survey: survey.finish() }
}

function checkCancelled({ signal, file }: ImportOptions): void {
  if (signal?.aborted !== true) return
  throw new GraftError('cancelled', `${sourceName(file)}: expected to import it whole, got cancelled; import it again`)
}

function emptyError(file: string, { problems, firstProblem }: WrittenRows): GraftError {
  const first = firstProblem && `, the first in line ${firstProblem.line}: ${firstProblem.message}`
  const got = problems === 0 ? 'none' : `${problems} ${problems === 1 ? 'problem' : 'problems'}${first ?? ''}`
  return new GraftError(
    'dataset-empty',
    `${file}: expected at least one usable row, got ${got}; correct the file and import it again`,
    { file, problems, ...(firstProblem && { firstProblem }) },
  )
}
