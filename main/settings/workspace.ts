import { randomUUID } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { HostError } from '../files'

/** The folders of a workspace, absolute. Everything the studio keeps lies in one of them. */
export interface WorkspacePaths {
  readonly root: string
  readonly models: string
  readonly datasets: string
  readonly runs: string
  /** For what is being received or unpacked; nothing here is needed after a restart. */
  readonly tmp: string
}

export interface WorkspaceChoice {
  /** From `--workspace`. */
  readonly flag?: string | undefined
  /** From GRAFT_WORKSPACE. */
  readonly environment?: string | undefined
  /** The person's home folder. */
  readonly home: string
}

/** The workspace folder, absolute: the flag wins over the environment, and that over `Graft Studio` at home. */
export function workspaceLocation(choice: WorkspaceChoice): string {
  // `||`, because an empty flag or variable means "not set" to every shell script that passes one on.
  return resolve(choice.flag || choice.environment || join(choice.home, 'Graft Studio'))
}

export function workspacePaths(root: string): WorkspacePaths {
  const at = (name: string): string => join(root, name)
  return { root, models: at('models'), datasets: at('datasets'), runs: at('runs'), tmp: at('tmp') }
}

/**
 * Creates what is missing and proves that files can be written.
 * @throws HostError `workspace-unwritable`, naming the folder and the system's reason.
 */
export async function openWorkspace(root: string): Promise<WorkspacePaths> {
  const paths = workspacePaths(root)
  try {
    for (const folder of Object.values(paths)) await makeFolder(folder)
    await proveWritable(paths.tmp)
  } catch (error) {
    const reason = codeOf(error) ?? String(error)
    const words = meanings[reason]
    throw new HostError(
      'workspace-unwritable',
      `workspace "${root}": expected a folder that can be written, got ${words ? `${words} (${reason})` : reason}; ` +
        'choose another with --workspace or the variable GRAFT_WORKSPACE',
      { root, reason },
    )
  }
  return paths
}

/** What the system's reasons for refusing a folder mean. */
const meanings: Readonly<Record<string, string>> = {
  EACCES: 'a refusal by the system',
  EPERM: 'a refusal by the system',
  EEXIST: 'a file of that name',
  ENOTDIR: 'a file on the way',
  ENOENT: 'a place where none can be made',
  ENOSPC: 'a full disk',
  EROFS: 'a disk that can only be read',
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false

/** Not by mkdir's own `recursive`: it tries for ever where a folder that exists takes no new one, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (await isFolder(folder)) return
    const parent = dirname(folder)
    if (codeOf(error) !== 'ENOENT' || (await isFolder(parent)) || parent === folder) throw error
    await makeFolder(parent)
    await makeFolder(folder)
  }
}

/** Access bits lie on network shares and read-only mounts: only a written file is proof. */
async function proveWritable(folder: string): Promise<void> {
  const probe = join(folder, `probe-${randomUUID()}`)
  await writeFile(probe, 'x')
  await rm(probe)
}
