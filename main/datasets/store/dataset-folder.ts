import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { datasetSchema, type Dataset, type RowProblem } from '../../../preload/contract'
import { GraftError } from '../../engine/errors'
import { HostError, toFailure, writeFileAtomic } from '../../files'

/** The files of a dataset's folder. */
export const datasetFiles = {
  dataset: 'dataset.json',
  rows: 'rows.jsonl',
  index: 'rows.index',
  keys: 'rows.keys',
  problems: 'problems.jsonl',
} as const

/** A line of problems.jsonl: mapping columns makes the `content` problems anew and keeps the `read` ones. */
export interface StoredProblem extends RowProblem {
  readonly stage: 'read' | 'content'
}

/** A dataset whose folder cannot be read: it does not hide the others. */
export interface BrokenDataset {
  readonly id: string
  readonly message: string
}

/** The folder of a dataset. Throws `invalid-argument` for what cannot be an id, such as a path. */
export function datasetFolder(datasetsDir: string, id: string): string {
  if (id !== '' && !/^\.|[/\\:\0]/.test(id)) return join(datasetsDir, id)
  throw new GraftError('invalid-argument', `dataset: expected an id, got ${JSON.stringify(id)}; choose one of the list`)
}

/** Reads dataset.json. Throws HostError: `dataset-missing`, or `dataset-broken` where it holds something else. */
export async function readDataset(datasetsDir: string, id: string): Promise<Dataset> {
  const path = join(datasetFolder(datasetsDir, id), datasetFiles.dataset)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new HostError('dataset-missing', `dataset ${id}: expected ${path}, got no such file; import it again`, { id })
  })
  const parsed = datasetSchema.safeParse(jsonOf(text))
  if (parsed.success) return { ...parsed.data, id }
  const got = parsed.error.issues[0]?.message ?? 'other data'
  const message = `dataset ${id}: expected a description in ${path}, got a damaged one (${got}); import the file again`
  throw new HostError('dataset-broken', message, { id })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export async function writeDataset(folder: string, dataset: Dataset): Promise<void> {
  await writeFileAtomic(join(folder, datasetFiles.dataset), `${JSON.stringify(dataset, null, 2)}\n`)
}

/** All datasets, the newest first, and beside them the folders that cannot be read. */
export async function listDatasets(
  datasetsDir: string,
): Promise<{ readonly datasets: Dataset[]; readonly broken: BrokenDataset[] }> {
  const datasets: Dataset[] = []
  const broken: BrokenDataset[] = []
  for (const id of await folderNames(datasetsDir)) {
    try {
      datasets.push(await readDataset(datasetsDir, id))
    } catch (error) {
      broken.push({ id, message: toFailure(error, id).message })
    }
  }
  datasets.sort((a, b) => b.importedAt.localeCompare(a.importedAt) || a.id.localeCompare(b.id))
  return { datasets, broken }
}

async function folderNames(datasetsDir: string): Promise<string[]> {
  const entries = await readdir(datasetsDir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
}

/** Removes a dataset. The folder first loses its name, so that a half-removed one is never listed. */
export async function removeDataset(datasetsDir: string, id: string): Promise<void> {
  const leaving = join(datasetsDir, `.removed-${randomUUID()}`)
  await rename(datasetFolder(datasetsDir, id), leaving)
  await rm(leaving, { recursive: true, force: true })
}

/** Makes a folder that is not listed yet. */
export async function newFolder(datasetsDir: string): Promise<string> {
  const folder = join(datasetsDir, `.importing-${randomUUID()}`)
  await mkdir(folder, { recursive: true })
  return folder
}

/** Gives a finished folder its place under a readable id that nobody has. */
export async function settleFolder(folder: string, datasetsDir: string, dataset: Dataset): Promise<Dataset> {
  const stem = slug(dataset.name)
  const taken = new Set((await readdir(datasetsDir)).map((name) => name.toLowerCase()))
  for (let number = 1; ; number++) {
    const id = number === 1 ? stem : `${stem}-${number}`
    if (taken.has(id)) continue
    const settled = { ...dataset, id }
    await writeDataset(folder, settled)
    const failure = await rename(folder, join(datasetsDir, id)).catch((error: NodeJS.ErrnoException) => error)
    if (failure === undefined) return settled
    // Another import may have taken the name meanwhile.
    if (!['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(failure.code ?? '') || number > 1000) throw failure
  }
}

/** Names that Windows keeps for devices. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/** A name as a folder name that reads well: letters and digits of any script, joined by hyphens. */
export function slug(name: string): string {
  const words =
    name
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const joined = [...words.join('-')].slice(0, 48).join('').replace(/-$/, '')
  return joined === '' || reserved.test(joined) ? `dataset${joined === '' ? '' : `-${joined}`}` : joined
}
