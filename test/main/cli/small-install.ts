import { spawn, type ChildProcess } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleEntry } from '../../helpers/bundle'
import { writeResources } from '../service/small-studio'

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface SmallInstall {
  readonly root: string
  /** Starts the entry in a process of its own, in the workspace of this installation. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
  remove(): Promise<void>
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when the output contains a text; to false where it ended without. */
  until(text: string): Promise<boolean>
}

function watch(child: ChildProcess): Running {
  const kept = { out: '', err: '' }
  const listeners = new Set<() => void>()
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept[name] += text
      for (const listen of listeners) listen()
    })
  }
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, ...kept })))
  const until = (text: string): Promise<boolean> =>
    new Promise((done) => {
      const look = (): void => {
        if ((kept.out + kept.err).includes(text)) done(true)
      }
      listeners.add(look)
      void ended.then(() => done(false))
      look()
    })
  return { child, ended, until }
}

/** The folders of an installation: a real entry, bundled, and the worker that counts instead of training. */
export async function smallInstall(entry: 'cli' | 'web'): Promise<SmallInstall> {
  const root = await mkdtemp(join(tmpdir(), 'graft-cli-'))
  const out = join(root, 'out', 'main')
  // The entry finds everything from where it lies, so it is copied with its parts; the worker may lie anywhere.
  await cp(dirname(await bundleEntry(`../../main/${entry}.ts`)), out, { recursive: true, verbatimSymlinks: true })
  const worker = pathToFileURL(await bundleEntry('../main/service/small-worker.ts')).href
  await writeFile(join(out, 'worker.js'), `import '${worker}'\n`)
  await writeFile(join(root, 'package.json'), JSON.stringify({ version: '1.2.3', type: 'module' }))
  await writeResources(join(root, 'resources'))
  const start: SmallInstall['start'] = (args, env = {}) =>
    watch(
      spawn(process.execPath, [join(out, 'entry.mjs'), ...args], {
        cwd: root,
        env: { ...process.env, GRAFT_WORKSPACE: join(root, 'workspace'), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  const run: SmallInstall['run'] = (args, env) => start(args, env).ended
  return { root, start, run, remove: () => rm(root, { recursive: true, force: true }) }
}
