import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { bundleEntry } from './bundle'

/** The app as it is shipped, bundled into a folder of its own: the command line, the real worker and the resources. */
export interface RealInstall {
  readonly root: string
  readonly cli: string
  readonly worker: string
  readonly resources: string
  remove(): Promise<void>
}

export async function realInstall(): Promise<RealInstall> {
  const root = await mkdtemp(join(tmpdir(), 'graft-real-'))
  const resources = resolve(import.meta.dirname, '../../resources')
  const [cli, worker] = await Promise.all(
    ['cli.ts', 'jobs/worker/index.ts'].map(async (name) => {
      const bundle = dirname(await bundleEntry(`../../main/${name}`))
      const out = join(root, name === 'cli.ts' ? 'out/main' : 'out/worker')
      await cp(bundle, out, { recursive: true, verbatimSymlinks: true })
      await rm(bundle, { recursive: true, force: true })
      return join(out, 'entry.mjs')
    }),
  )
  // The command line looks for its worker beside itself.
  await writeFile(join(root, 'out/main/worker.js'), `import '../worker/entry.mjs'\n`)
  await writeFile(join(root, 'package.json'), JSON.stringify({ version: '1.2.3', type: 'module' }))
  await symlink(resources, join(root, 'resources'), 'junction')
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true })
  return { root, cli: cli as string, worker: worker as string, resources, remove }
}
