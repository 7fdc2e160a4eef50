import { arch, platform } from 'node:os'
import { describeGpuWgsl, gpuWgslBackend } from '../../main/engine/backends/gpu-wgsl'
import { checks, titledCases } from '../engine/backends/op-agreement'
import { float32Limit } from '../engine/backends/run-graph'
import { goldenCases, replayCase } from '../engine/train/replay-case'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The worst difference of each op over all its cases and checks, and what failed. */
async function opReport(flags: readonly string[]) {
  const worst: Record<string, number> = {}
  const failures: string[] = []
  for (const { title, applies, worst: measure } of checks)
    for (const { title: name, opCase } of titledCases) {
      if (!applies(opCase)) continue
      try {
        const difference = await measure(gpuWgslBackend(flags), opCase)
        worst[opCase.op] = Math.max(worst[opCase.op] ?? 0, difference)
        if (!(difference < float32Limit)) failures.push(`${name}: ${title}: off by ${difference}`)
      } catch (error) {
        failures.push(`${name}: ${title}: ${messageOf(error)}`)
      }
    }
  return { limit: float32Limit, worst, failures }
}

async function goldenReports(goldens: string, flags: readonly string[]) {
  const reports: object[] = []
  for (const name of goldenCases(goldens)) {
    const start = performance.now()
    const result = await replayCase(goldens, name, gpuWgslBackend(flags)).catch((error: unknown) => ({
      case: name,
      pass: false,
      error: messageOf(error),
    }))
    reports.push({ ...result, seconds: (performance.now() - start) / 1000 })
  }
  return reports as { pass: boolean }[]
}

const [goldens, ...flags] = process.argv.slice(2)
if (!goldens) throw new Error('report: expected the folder test/goldens as the first argument, got none')
const start = performance.now()
const ops = await opReport(flags)
const opSeconds = (performance.now() - start) / 1000
const runs = await goldenReports(goldens.replace(/\/?$/, '/'), flags)
const pass = ops.failures.length === 0 && runs.every((run) => run.pass)
const device = await describeGpuWgsl(flags)
console.log(
  JSON.stringify(
    { pass, system: `${platform()} ${arch()}`, device, ops: { ...ops, seconds: opSeconds }, goldens: runs },
    null,
    2,
  ),
)
// Dawn's threads keep a process alive.
process.exit(pass ? 0 : 1)
