import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
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
    for (const folder of Object.values(paths)) await mkdir(folder, { recursive: true })
    await proveWritable(paths.tmp)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new HostError(
      'workspace-unwritable',
      `workspace "${root}": expected a folder that can be written, got ${reason}; ` +
        'choose another with --workspace or the variable GRAFT_WORKSPACE',
      { root, reason },
    )
  }
  return paths
}

/** Access bits lie on network shares and read-only mounts: only a written file is proof. */
async function proveWritable(folder: string): Promise<void> {
  const probe = join(folder, `probe-${randomUUID()}`)
  await writeFile(probe, 'x')
  await rm(probe)
}
