import { z } from 'zod'
import { failureSchema } from '../../../preload/contract'
import { systemInfo } from '../../service'
import { CliError, exitCodes } from '../exit'
import { formatBytes, table } from '../format'
import { finishJob, say, type CommandSpec } from '../session'

const seenSchema = z.object({
  node: z.string(),
  platform: z.string(),
  system: z.string(),
  cpu: z.string(),
  threads: z.number(),
  memoryTotal: z.number(),
  memoryFree: z.number(),
  library: z.string().optional(),
  flops: z.number().optional(),
  problem: failureSchema.optional(),
  fits: z.array(z.object({ what: z.string(), method: z.string(), bytes: z.number(), fits: z.boolean() })),
  batch: z.object({ rows: z.number(), length: z.number() }),
})

interface Checkup extends z.infer<typeof seenSchema> {
  readonly version: string
  readonly workspace: string
  readonly diskFree: number
}

function machineLines(seen: Checkup): string[] {
  const { library, flops = 0 } = seen
  const speed = `${(flops / 1e9).toFixed(0)} GFLOP/s in products of matrices of 1024 columns (float32)`
  return table([
    ['graft', `${seen.version}, Node.js ${seen.node}, ${seen.platform} ${seen.system}`],
    ['processor', `${seen.cpu}, ${seen.threads} threads`],
    ['memory', `${formatBytes(seen.memoryFree)} free of ${formatBytes(seen.memoryTotal)}`],
    ['disk', `${formatBytes(seen.diskFree)} free in ${seen.workspace}`],
    ['library', library ? `${library}: loads, and a product came out right` : 'does not work, see below'],
    ...(library ? [['speed', speed]] : []),
    ['GPU', 'not used yet: everything runs on the processor'],
  ])
}

function fitLines({ fits, batch }: Checkup): string[] {
  const rows = fits.map(({ what, method, bytes, fits: does }) => [
    `  ${what}`,
    method,
    `from ${formatBytes(bytes)}`,
    does ? 'fits' : 'does not fit into what is free now',
  ])
  return [`what can be trained, by forecast, in batches of ${batch.rows} × ${batch.length} tokens`, ...table(rows)]
}

export const doctorCommand: CommandSpec = {
  usage: 'doctor',
  summary: 'say what this machine can do, and what is wrong with it',
  async run(session) {
    const { jobs, paths, version } = session.studio
    const { diskFree } = await systemInfo(paths.root, version)
    const seen = seenSchema.loose().parse(await finishJob(session, jobs.startJob({ kind: 'doctor', payload: {} })))
    const checkup: Checkup = { version, workspace: paths.root, diskFree, ...seen }
    const { problem } = checkup
    const verdict = problem ? [] : ['', 'all that training needs works']
    say(session, 'doctor', checkup, [...machineLines(checkup), '', ...fitLines(checkup), ...verdict])
    if (problem) throw new CliError(problem)
    return exitCodes.ok
  },
}
