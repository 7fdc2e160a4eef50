import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realInstall, type RealInstall } from '../../helpers/real-install'
import { tinyRows, writeTinyModel } from '../../helpers/tiny-model'
import { runCommand, type Ended } from './bad-input'

let install: RealInstall
let workspace: string
const graft = (...args: string[]): Ended =>
  runCommand(install.root, [process.execPath, install.cli, '--workspace', workspace, ...args])

type Line = Readonly<Record<string, unknown>>
const lines = ({ out }: Ended): Line[] =>
  out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
const losses = (ended: Ended, type: 'step' | 'evaluation'): unknown[] =>
  lines(ended).flatMap((line) => (line['type'] === type ? [[line['step'], line['loss']]] : []))
const idOf = (ended: Ended): string => String(lines(ended).find((line) => line['type'] === 'run')?.['id'])

async function config(name: string, content: unknown): Promise<string> {
  await writeFile(join(install.root, name), typeof content === 'string' ? content : JSON.stringify(content))
  return name
}

const settings = {
  model: { kind: 'folder', path: 'tiny' },
  dataset: { id: 'rows.jsonl' },
  method: { id: 'lora', parameters: { r: 2, dropout: 0.1 } },
  training: { steps: 4, batchSize: 2, learningRate: 0.05, maxLength: 128, evaluateEvery: 2 },
  sampling: { prompts: 1, maxNewTokens: 2 },
  metric: { kind: 'none' },
}

beforeAll(async () => {
  install = await realInstall()
  workspace = join(install.root, 'workspace')
  await writeTinyModel(join(install.root, 'tiny'))
  await writeFile(join(install.root, 'rows.jsonl'), tinyRows(20))
})
afterAll(() => install.remove())

describe('graft train with a config file', () => {
  it('trains as it says, and the file of the run gives the same losses again', async () => {
    const first = graft('train', await config('run.json', settings), '--json')
    expect([first.code, first.err]).toEqual([0, expect.any(String)])
    expect(losses(first, 'step')).toHaveLength(4)
    const unusual = lines(first).find((line) => line['type'] === 'unusual')
    expect(unusual?.['values']).toMatchObject([
      { name: 'learningRate', value: 0.05 },
      { name: 'r', value: 2 },
    ])
    const shown = graft('show', idOf(first), '--config')
    expect(shown.code).toBe(0)
    const again = graft('train', await config('again.json', shown.out), '--json')
    expect(losses(again, 'step')).toEqual(losses(first, 'step'))
    expect(losses(again, 'evaluation')).toEqual(losses(first, 'evaluation'))
    // The run's own file will do, too.
    const own = join(workspace, 'runs', idOf(first), 'spec.json')
    expect(losses(graft('train', own, '--json'), 'step')).toEqual(losses(first, 'step'))
  })

  it('has options overrule it, and other methods begin without its parameters', async () => {
    const file = await config('run.json', settings)
    const args = ['--steps', '9', '--set', 'r=3', '--name', 'mine', '--save-config', 'saved.json']
    expect(graft('train', file, ...args).out).toBe('saved.json: start it with: graft train saved.json\n')
    const saved = JSON.parse(await readFile(join(install.root, 'saved.json'), 'utf8')) as object
    expect(saved).toMatchObject({
      name: 'mine',
      model: { path: join(install.root, 'tiny') },
      method: { id: 'lora', parameters: { r: 3, dropout: 0.1 } },
      training: { steps: 9, batchSize: 2 },
    })
    graft('train', 'saved.json', '--method', 'full', '--save-config', 'full.json')
    const full = JSON.parse(await readFile(join(install.root, 'full.json'), 'utf8')) as object
    expect(full).toMatchObject({ method: { id: 'full', parameters: {} }, training: { steps: 9 } })
    expect((await readdir(join(workspace, 'runs'))).some((id) => id.includes('mine'))).toBe(false)
  })

  it.each<[string, unknown, RegExp]>([
    [
      'a name that nobody knows',
      { ...settings, training: { leaningRate: 1 } },
      /training\.leaningRate: unknown; did you mean "learningRate"\?/,
    ],
    [
      'the name of an option',
      { training: { 'batch-size': 1 } },
      /training\.batch-size: unknown; did you mean "batchSize"\?/,
    ],
    ['one like no other', { colour: 1 }, /colour: unknown; known are version, name, model, dataset, .*startFrom/],
    ['a wrong type', { ...settings, training: { steps: 'many' } }, /run\.json: training\.steps: expected number/],
    ['a value out of bounds', { ...settings, training: { batchSize: 0 } }, /run\.json: training\.batchSize: Too small/],
    ['half a model', { ...settings, model: { kind: 'folder' } }, /run\.json: model/],
    ['no data', { method: { id: 'full' } }, /expected data, got none; name it with --data or in a config file/],
    ['no JSON', '{"model": ', /run\.json: expected JSON, got something else/],
    ['no object', '[1]', /run\.json: expected a JSON object with the settings of a run, got \[1\]/],
  ])('refuses %s', async (_what, content, message) => {
    const { code, out, err } = graft('train', await config('run.json', content))
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  it('says where a file is not there', () => {
    const { code, err } = graft('train', 'none.json')
    expect([code, err]).toEqual([
      1,
      'graft: config "none.json": expected a JSON file with the settings of a run, got none; check the path\n',
    ])
  })
})

describe('graft train that continues', () => {
  const last = (ended: Ended): unknown => losses(ended, 'evaluation').at(-1)
  const first = (ended: Ended): unknown => losses(ended, 'evaluation')[0]

  it('a run: its settings hold, what is given anew overrules them', async () => {
    const source = graft('train', await config('run.json', settings), '--name', 'base', '--json')
    const id = idOf(source)
    const more = graft('train', '--continue', id, '--steps', '2', '--checkpoint', 'last', '--json')
    expect(more.code).toBe(0)
    expect(first(more)).toEqual([0, (last(source) as number[])[1]])
    const spec = JSON.parse(await readFile(join(workspace, 'runs', idOf(more), 'spec.json'), 'utf8')) as object
    expect(spec).toMatchObject({
      name: 'base (continued)',
      startFrom: { kind: 'run', id, checkpoint: 4 },
      method: settings.method,
      training: { steps: 2, batchSize: 2 },
    })
    const plain = graft('train', '--continue', id, '--steps', '1')
    expect(plain.out).toContain(`it goes on from run ${id}, step 4: what stands on the left is that state`)
  })

  it('an adapter, on other data', async () => {
    const source = graft('train', await config('run.json', settings), '--json')
    graft('export', idOf(source), '--out', 'adapter')
    await writeFile(join(install.root, 'new.jsonl'), tinyRows(30))
    const args = ['--adapter', 'adapter', '--model', 'tiny', '--data', 'new.jsonl', '--steps', '1', '--metric', 'none']
    const more = graft('train', ...args, '--samples', '0', '--json')
    expect([more.code, more.err]).toEqual([0, expect.any(String)])
    const spec = JSON.parse(await readFile(join(workspace, 'runs', idOf(more), 'spec.json'), 'utf8')) as object
    const startFrom = { kind: 'adapter', path: join(install.root, 'adapter') }
    expect(spec).toMatchObject({ startFrom, method: { parameters: { r: 2, dropout: 0.1 } }, dataset: { id: 'new' } })
  })

  it.each<[string, string[], number, RegExp]>([
    ['both at once', ['--continue', 'x', '--adapter', 'y'], 2, /expected either this or --continue, got both/],
    ['a checkpoint of nothing', ['--checkpoint', 'best'], 2, /--checkpoint: expected it with --continue, got it alone/],
    [
      'a strange checkpoint',
      ['--continue', 'x', '--checkpoint', 'good'],
      2,
      /expected best, last or a step, got "good"/,
    ],
    ['an unknown run', ['--continue', 'none'], 1, /run "none": expected a run of this workspace/],
    ['no adapter', ['--adapter', 'nowhere', '--data', 'rows.jsonl'], 1, /adapter ".*nowhere": expected a folder/],
    ['another base model', ['--adapter', 'adapter', '--data', 'rows.jsonl'], 1, /the adapter belongs to another model/],
  ])('refuses %s', (_what, args, code, message) => {
    const ended = graft('train', ...args)
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toMatch(message)
  })
})
