import { createJobQueue, createTrainJobs } from '../../main/jobs'
import { runSpecSchema } from '../../preload/contract'

/** A small app to be killed: starts the run that its arguments describe, tells its id, and goes on. */
const [entry = '', root = '', spec = ''] = process.argv.slice(2)
const folder = (name: string): string => `${root}/${name}`
const now = (): string => new Date().toISOString()

const queue = createJobQueue({
  worker: { entry },
  paths: {
    models: folder('models'),
    datasets: folder('datasets'),
    runs: folder('runs'),
    tmp: folder('tmp'),
    resources: folder('resources'),
  },
  now,
})
const jobs = createTrainJobs({
  queue,
  runsFolder: folder('runs'),
  starterDir: folder('starter'),
  fill: async (spec) => spec,
  check: async () => undefined,
  now,
  newSuffix: () => 'kill',
})
const id = await jobs.createAndStart(runSpecSchema.parse(JSON.parse(spec)))
for await (const event of jobs.events(id, 0)) {
  if (event.type === 'step')
    process.stdout.write(`${JSON.stringify({ id, step: event.step, pid: queue.active()[0]?.pid })}\n`)
}
