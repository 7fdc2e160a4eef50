import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { toFailure } from './files'
import { openStudio } from './service'
import { openBrowser } from './web/open-browser'
import { startWebHost } from './web/start-web-host'

interface WebOptions {
  readonly port: string
  readonly workspace?: string
  readonly open: boolean
}

function parsePort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new CommanderError(2, 'graft.port', `--port: expected a number from 0 to 65535, got "${text}"`)
}

async function serve(options: WebOptions): Promise<void> {
  const bundle = import.meta.dirname
  const port = parsePort(options.port)
  const studio = await openStudio({ bundle, workspace: options.workspace })
  const host = await startWebHost({ service: studio.service, rendererDir: join(bundle, '../renderer'), port })
  process.stdout.write(`Graft Studio: ${host.url}\nCtrl-C ends it; running jobs save their state first.\n`)
  if (options.open) openBrowser(host.url)
  await nextInterrupt()
  // A second Ctrl-C is not waited for.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void studio.jobs.shutdown(0))
  await studio.close()
  await host.close()
}

function nextInterrupt(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
}

function refuse(error: unknown): void {
  process.stderr.write(`graft studio: ${error instanceof CommanderError ? error.message : toFailure(error).message}\n`)
  process.exitCode = error instanceof CommanderError ? 2 : 1
}

const program = new Command('graft studio')
  .description('The studio in this machine’s browser.')
  .option('--port <number>', 'the port to listen on; 0: any free one', '0')
  .option('--workspace <dir>', 'where datasets and runs are kept (or GRAFT_WORKSPACE)')
  .option('--no-open', 'only print the address')
  .action((options: WebOptions) => serve(options).catch(refuse))
await program.parseAsync()
