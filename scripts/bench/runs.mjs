/** What benches that run the command line share: they start it as anybody would and read the events that it prints. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const graft = resolve(import.meta.dirname, '../../out/main/cli.js')

export function fail(message) {
  console.error(message)
  process.exit(2)
}

/** Runs one command that prints events, and returns the events that it printed. */
export async function eventsOf(args) {
  const child = spawn(process.execPath, [graft, ...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const events = []
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{')) {
      const event = JSON.parse(line)
      events.push(event)
      if (event.type === 'step' && event.step % 25 === 0)
        console.error(`  step ${event.step}: loss ${event.loss.toFixed(3)}`)
    }
  const code = await new Promise((done) => (child.exitCode === null ? child.on('exit', done) : done(child.exitCode)))
  if (code !== 0) fail(`graft ${args.join(' ')} ended with ${code}`)
  return events
}

/** Runs one command; what it says goes to the terminal. */
export async function runGraft(args) {
  const child = spawn(process.execPath, [graft, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise((done) => child.on('exit', done))
  if (code !== 0) fail(`graft ${args.join(' ')} ended with ${code}`)
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
export const percent = (share) => `${Math.round(share * 100)} %`

/** Seconds from the first step's data being ready to the last step. */
export function trainingSeconds(events) {
  const of = (type) => events.filter((event) => event.type === type)
  return (Date.parse(of('step').at(-1).time) - Date.parse(of('prepared')[0].time)) / 1000
}

/** Median real tokens a second, and the most memory that the worker held, in bytes. */
export function speedAndMemory(events) {
  const steps = events.filter((event) => event.type === 'step')
  return {
    tokensPerSecond: Math.round(median(steps.map((step) => step.tokensPerSecond))),
    peakBytes: Math.max(...steps.map(({ memory }) => memory)),
  }
}

export const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(2)} GB`
export const minutes = (seconds) => `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

export function markdown(rows) {
  const columns = Object.keys(rows[0])
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map((row) => line(Object.values(row)))].join('\n')
}
