import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { HostError } from '../files'

export interface ResourcesChoice {
  /** Where the installer put them (`process.resourcesPath`), in the packaged app only. */
  readonly packaged?: string | undefined
  /** The folder of the running bundle, `out/main` in a checkout. */
  readonly bundle: string
}

/**
 * The folder with the starter model and the sample datasets: given by the packaged app, beside `out/` in a checkout.
 * @throws HostError `resources-missing`
 */
export async function resourcesFolder(choice: ResourcesChoice): Promise<string> {
  const folder = choice.packaged ?? resolve(choice.bundle, '../../resources')
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory()) return folder
  throw new HostError(
    'resources-missing',
    `resources "${folder}": expected the folder with the starter model and the samples, got nothing; install again`,
    { folder },
  )
}
