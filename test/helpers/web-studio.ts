import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The studio as it is shipped, serving a browser: the built web host with its real worker, and an empty workspace. */
export interface WebStudio {
  /** The address that it printed. */
  readonly url: string
  readonly workspace: string
  /** The process that trains a run. */
  workerOf(run: string): Promise<number>
  stop(): Promise<void>
}

const entry = resolve(import.meta.dirname, '../../out/main/web.js')

export async function startWebStudio(): Promise<WebStudio> {
  const workspace = await mkdtemp(join(tmpdir(), 'graft-e2e-'))
  const child = spawn(process.execPath, [entry, '--no-open', '--workspace', workspace], { stdio: 'pipe' })
  const url = await printedAddress(child)
  return {
    url,
    workspace,
    async workerOf(run) {
      const lock = JSON.parse(await readFile(join(workspace, 'runs', run, 'run.lock'), 'utf8')) as {
        worker: { pid: number }
      }
      return lock.worker.pid
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(workspace, { recursive: true, force: true })
    },
  }
}

function printedAddress(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let output = ''
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      const address = /http:\/\/\S+#token=\S+/.exec(output)
      if (address) done(address[0])
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => fail(new Error(`web studio: expected an address, but it ended; it said: ${output}`)))
  })
}
