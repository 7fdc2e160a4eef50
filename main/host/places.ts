import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface AppState {
  readonly packaged: boolean
  /** The packaged app's own resources folder. */
  readonly resourcesPath: string
  /** The folder of the running bundle. */
  readonly bundle: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
}

export interface AppPlaces {
  /** The folder with the starter and the samples, where the installer decided it. */
  readonly packagedResources: string | undefined
  /** The bundled worker. A plain Node.js cannot look into an asar: it lies unpacked beside it. */
  readonly workerEntry: string
  /** The plain Node.js that runs it; undefined where none was found. */
  readonly nodePath: string | undefined
}

// In development: the Node.js that `npm start` ran on, npm's, or the first in PATH. Never Electron's own.
function developmentNode({ env, platform }: AppState): string | undefined {
  const name = platform === 'win32' ? 'node.exe' : 'node'
  const inPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [env['GRAFT_NODE'], env['npm_node_execpath'], ...inPath.map((folder) => join(folder, name))]
  return candidates.find((path) => path && existsSync(path))
}

/** Where the app finds what it starts and serves: beside the packaged app, or in the checkout. */
export function appPlaces(state: AppState): AppPlaces {
  const workerEntry = join(state.bundle, 'worker.js')
  if (!state.packaged) return { packagedResources: undefined, workerEntry, nodePath: developmentNode(state) }
  return {
    packagedResources: join(state.resourcesPath, 'resources'),
    workerEntry: workerEntry.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked'),
    nodePath: join(state.resourcesPath, 'node', state.platform === 'win32' ? 'node.exe' : 'node'),
  }
}
