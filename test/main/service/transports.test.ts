import { EventEmitter } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createORPCClient, isDefinedError, safe } from '@orpc/client'
import { RPCLink as HttpLink } from '@orpc/client/fetch'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IpcMain } from 'electron'
import { connectPorts } from '../../../main/host/connect-ports'
import { studioOrigin } from '../../../main/host/studio-protocol'
import type { Service } from '../../../main/service'
import { startWebHost } from '../../../main/web/start-web-host'
import type { Contract, JobEvent, RunSpecInput } from '../../../preload/contract'
import { openSmallStudio, type SmallStudio } from './small-studio'

interface Transport {
  readonly client: ContractRouterClient<Contract>
  close(): Promise<void>
}

async function overHttp(service: Service, rendererDir: string): Promise<Transport> {
  const host = await startWebHost({ service, rendererDir })
  const link = new HttpLink({ url: `${host.origin}/rpc`, headers: { 'x-graft-token': host.token } })
  return { client: createORPCClient(link), close: () => host.close() }
}

/** The port's way from the page to the app, with Node's own ports and an `ipcMain` that only tells. */
async function overPort(service: Service): Promise<Transport> {
  const ipc = new EventEmitter()
  connectPorts(ipc as unknown as IpcMain, service)
  const { port1, port2 } = new MessageChannel()
  ipc.emit('graft:port', { ports: [port1], senderFrame: { origin: studioOrigin, parent: null } })
  const client = createORPCClient<ContractRouterClient<Contract>>(new PortLink({ port: port2 }))
  port2.start()
  return { client, close: () => Promise.resolve(port2.close()) }
}

const transports = {
  http: ({ studio, rendererDir }: SmallStudio) => overHttp(studio.service, rendererDir),
  'message port': ({ studio }: SmallStudio) => overPort(studio.service),
}

const spec = (steps: number): RunSpecInput => ({
  model: { kind: 'starter' },
  dataset: { id: 'none' },
  method: { id: 'lora' },
  training: { steps },
})

describe.each(Object.keys(transports) as (keyof typeof transports)[])('the contract over %s', (name) => {
  let small: SmallStudio
  let transport: Transport
  let client: Transport['client']
  beforeAll(async () => {
    small = await openSmallStudio()
    transport = await transports[name](small)
    client = transport.client
  })
  afterAll(async () => {
    await transport.close()
    await small.close()
  })

  const upload = (text: string, file: string) => client.datasets.importFile({ file: new File([text], file) })
  const failureOf = async (call: Promise<unknown>) => {
    const { error } = await safe(call)
    if (!isDefinedError(error as Error)) throw new Error(`expected FAILURE, got ${String(error)}`)
    return (error as unknown as { data: { code: string; message: string } }).data
  }

  it('tells of the machine and the methods', async () => {
    const info = await client.system.info()
    expect(info).toMatchObject({ workspace: small.studio.paths.root, version: small.studio.version })
    expect(Math.min(info.threads, info.memoryTotal, info.diskFree)).toBeGreaterThan(0)
    expect((await client.methods.list()).map((method) => method.id)).toContain('lora')
    const schema = await client.methods.schema({ id: 'lora' })
    expect(schema['properties']).toMatchObject({ r: { type: 'integer', minimum: 1, default: 8 } })
  })

  it('shows a model that cannot be used as a card with the reason', async () => {
    const card = await client.models.inspect({ kind: 'folder', path: small.rendererDir })
    expect(card.broken?.code).toBe('model-missing')
  })

  it('imports an uploaded file without a change, and leaves no upload behind', async () => {
    const rows = ['{"prompt":"é 你好 🌱","completion":"True"}', 'no json', '{"prompt":"b","completion":"05/19/2024"}']
    const dataset = await upload(rows.join('\n'), '../数据 1.jsonl')
    expect(dataset).toMatchObject({ sourceFile: '数据 1.jsonl', form: 'prompt-completion', rows: 2, problems: 1 })
    const [first, second] = await client.datasets.preview({ id: dataset.id, offset: 0, limit: 10 })
    expect(first).toMatchObject({ prompt: 'é 你好 🌱', completion: 'True', source: rows[0] })
    expect(second?.completion).toBe('05/19/2024')
    const problems = await client.datasets.problems({ id: dataset.id, offset: 0, limit: 10 })
    expect(problems).toMatchObject([{ line: 2 }])
    expect(await readdir(small.studio.paths.tmp)).toEqual([])
  })

  it('asks for the columns of an unknown form, and takes them', async () => {
    const { id, form } = await upload('frage,antwort\na,b\nc,d\n', 'unknown.csv')
    expect(form).toBe('unknown')
    const mapping = { form: 'mapped' as const, input: ['frage'], answer: 'antwort' }
    expect(await client.datasets.map({ id, mapping })).toMatchObject({ id, form: 'mapped', rows: 2 })
  })

  it('imports a sample once', async () => {
    expect(await client.datasets.samples()).toMatchObject([
      { id: 'tiny', title: { en: 'Tiny', zh: '小' }, settings: { training: { steps: 60 } } },
    ])
    const first = await client.datasets.importSample({ id: 'tiny' })
    expect(await client.datasets.importSample({ id: 'tiny' })).toEqual(first)
    expect(first).toMatchObject({ name: 'Tiny', rows: 3 })
    await client.datasets.remove({ id: first.id })
    expect((await client.datasets.list()).map(({ id }) => id)).not.toContain(first.id)
  })

  it('gives each failure as one readable FAILURE', async () => {
    expect(await failureOf(client.runs.get({ id: 'none' }))).toMatchObject({ code: 'run-missing' })
    expect(await failureOf(client.datasets.importSample({ id: 'x' }))).toMatchObject({ code: 'not-found' })
    const empty = await failureOf(upload('', 'empty.jsonl'))
    expect(empty.code).toBe('dataset-empty')
    expect(empty.message).toMatch(/^empty\.jsonl: expected [^\n]+$/)
  })

  it('says which part of a request does not fit the contract', async () => {
    const failure = await failureOf(client.runs.create({ ...spec(1), training: { steps: 0 } }))
    expect(failure.code).toBe('invalid-argument')
    expect(failure.message).toContain('training.steps')
  })

  it('says what a run will cost before there is one', async () => {
    const { id } = await upload('{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d"}', 'two.jsonl')
    const { memory, free, ...forecast } = await client.runs.forecast({ ...spec(3), dataset: { id } })
    expect(forecast).toMatchObject({ steps: 3, trainRows: 1, sawAllRows: true, layers: 2, fit: 'fits' })
    expect(free).toBeGreaterThan(memory.reduce((sum, { bytes }) => sum + bytes, 0))
  })

  it.each([
    ['r', 0, /LoRA: r: expected a value between 1 and/],
    ['targets', 'nose', /expected all-linear or names such as q_proj/],
  ])('refuses a wrong value of %s by its name, and makes no run', async (parameter, value, message) => {
    const before = await client.runs.list()
    const wrong = { ...spec(1), method: { id: 'lora', parameters: { [parameter]: value } } }
    const failure = await failureOf(client.runs.create(wrong))
    expect(failure).toMatchObject({ code: 'invalid-argument', details: { parameter } })
    expect(failure.message).toMatch(message)
    expect(await client.runs.list()).toEqual(before)
  })

  it('counts the values of a column', async () => {
    const { id } = await upload('frage,teil\na,train\nb,test\nc,train\n', 'parts.csv')
    await client.datasets.map({ id, mapping: { form: 'mapped', input: ['frage'], answer: 'teil' } })
    expect(await client.datasets.columnValues({ id, column: 'teil' })).toEqual({
      values: [
        { value: 'train', rows: 2 },
        { value: 'test', rows: 1 },
      ],
      more: false,
    })
    expect(await failureOf(client.datasets.columnValues({ id, column: 'x' }))).toMatchObject({
      code: 'invalid-argument',
    })
  })

  it('streams a run from the past into the present', async () => {
    const { id } = await client.runs.create(spec(20))
    const events: JobEvent[] = []
    for await (const event of await client.runs.events({ id, after: 0 })) events.push(event)
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.filter((event) => event.type === 'step')).toHaveLength(20)
    const view = await client.runs.get({ id })
    expect(view).toMatchObject({ state: 'done', step: 20, lastSeq: events.length, result: { counted: 20 } })
    const late: JobEvent[] = []
    for await (const event of await client.runs.events({ id, after: 10 })) late.push(event)
    expect(late).toEqual(events.slice(10))
    expect(await client.runs.list()).toContainEqual(expect.objectContaining({ id, state: 'done' }))
  })

  it('tells the failure of an event stream like any other', async () => {
    const read = async (): Promise<void> => {
      for await (const event of await client.runs.events({ id: 'none', after: 0 })) expect(event).toBeUndefined()
    }
    expect(await failureOf(read())).toMatchObject({ code: 'run-missing' })
  })

  it('stops a run while one reader leaves early', async () => {
    const { id } = await client.runs.create(spec(10_000))
    for await (const event of await client.runs.events({ id, after: 0 })) if (event.type === 'step') break
    await client.runs.control({ id, action: 'stop-keep' })
    const states: string[] = []
    for await (const event of await client.runs.events({ id, after: 0 })) {
      if (event.type === 'state') states.push(event.state)
    }
    expect(states).toEqual(['queued', 'running', 'stopping', 'stopped'])
    await client.runs.remove({ id })
    expect(await failureOf(client.runs.get({ id }))).toMatchObject({ code: 'run-missing' })
  })

  it('shows nothing outside of the workspace in the file manager', async () => {
    expect(await client.runs.reveal({ path: '/' })).toEqual({ shown: false })
    expect(await client.runs.reveal({ path: `${small.studio.paths.root}/../..` })).toEqual({ shown: false })
  })
})

describe('a port from elsewhere', () => {
  it.each([
    ['another origin', { origin: 'https://example.org', parent: null }],
    ['a frame inside the page', { origin: studioOrigin, parent: {} }],
    ['a page that is gone', null],
  ])('is closed unheard: %s', async (_name, senderFrame) => {
    const ipc = new EventEmitter()
    connectPorts(ipc as unknown as IpcMain, {} as Service)
    const { port1, port2 } = new MessageChannel()
    const closed = new Promise((done) => port2.addEventListener('close', done))
    ipc.emit('graft:port', { ports: [port1], senderFrame })
    port2.start()
    await closed
  })
})
