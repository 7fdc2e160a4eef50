import { rm } from 'node:fs/promises'
import type { Dataset } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import { contentSurvey, type Survey } from './content-survey'
import { newFolder, settleFolder } from './store/dataset-folder'
import { datasetWriter, type DatasetWriter, type WrittenRows } from './store/dataset-writer'
import {
  isFolder,
  openSource,
  readFolder,
  readSource,
  sourceName,
  type ReadOptions,
  type ReadRequest,
  type RowSink,
  type SourceFacts,
  type SourceFile,
} from './readers'

export interface ImportProgress {
  /** Bytes read so far, and in all (0: not known). */
  readonly bytes: number
  readonly totalBytes: number
  readonly rows: number
  readonly problems: number
}

export interface ImportOptions extends ReadOptions {
  /** A file, or the path of a folder of files. */
  readonly file: SourceFile
  /** What to call the dataset; the file's name where it is missing. */
  readonly name?: string | undefined
  readonly datasetsDir: string
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly now?: (() => Date) | undefined
}

/**
 * Imports a file of any known format, or a folder of such files, as a new dataset. Good rows are kept exactly as they
 * are, bad ones are listed with line, column and reason. The dataset appears whole or, on failure and cancel, not at all.
 *
 * Throws GraftError `dataset-empty` where no row can be used, `unsupported` for other formats, `cancelled`;
 * HostError for files and disks, and `file-damaged`.
 */
export async function importDataset(options: ImportOptions): Promise<Dataset> {
  const origin = await openOrigin(options.file)
  let folder: string | undefined
  try {
    folder = await newFolder(options.datasetsDir)
    return await settleFolder(folder, options.datasetsDir, await buildDataset(folder, origin, options))
  } finally {
    await origin.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** A file or a folder, opened. */
interface Origin {
  /** 0: not known. */
  readonly totalBytes: number
  read(request: ReadRequest): Promise<SourceFacts>
  close(): Promise<void>
}

async function openOrigin(file: SourceFile): Promise<Origin> {
  if (typeof file === 'string' && (await isFolder(file)))
    return { totalBytes: 0, read: (request) => readFolder(file, request), close: () => Promise.resolve() }
  const source = await openSource(file)
  return { totalBytes: source.size, read: (request) => readSource(source, request), close: () => source.close() }
}

async function buildDataset(folder: string, origin: Origin, options: ImportOptions): Promise<Dataset> {
  const writer = await datasetWriter(folder)
  try {
    const survey = contentSurvey(writer)
    const facts = await origin.read(readRequest(options, origin, survey, writer))
    const found = survey.finish()
    checkCancelled(options)
    const written = await writer.finish()
    if (written.rows === 0) throw emptyError(sourceName(options.file), written)
    return describe(options, facts, found, written)
  } finally {
    await writer.abort()
  }
}

function readRequest(options: ImportOptions, origin: Origin, sink: RowSink, writer: DatasetWriter): ReadRequest {
  const { sheet, encoding } = options
  const { totalBytes } = origin
  return {
    sink,
    options: { sheet, encoding },
    async pause(bytes) {
      checkCancelled(options)
      await writer.flush()
      options.onProgress?.({ bytes, totalBytes, rows: writer.found.rows, problems: writer.found.problems })
    },
  }
}

function describe(options: ImportOptions, facts: SourceFacts, survey: Survey, written: WrittenRows): Dataset {
  const sourceFile = sourceName(options.file)
  const ownName = facts.format === 'folder' ? sourceFile : sourceFile.replace(/(?<=.)(?:\.[^.]*?(?:\.gz)?)$/i, '')
  const name = options.name?.trim() || ownName
  const { format: sourceFormat, bytes, encoding, sheet, sheets, notes } = facts
  const { rows, problems, fingerprint } = written
  const told = {
    ...(encoding !== undefined && { encoding }),
    ...(sheet !== undefined && { sheet }),
    ...(sheets && { sheets: [...sheets] }),
    ...(notes.length > 0 && { notes: [...notes] }),
  }
  const importedAt = (options.now?.() ?? new Date()).toISOString()
  return { id: '', name, sourceFile, sourceFormat, ...told, bytes, fingerprint, importedAt, ...survey, rows, problems }
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
