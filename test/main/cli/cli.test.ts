import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallInstall, type SmallInstall } from './small-install'

let graft: SmallInstall
beforeAll(async () => {
  graft = await smallInstall('cli')
  await writeFile(join(graft.root, 'good.jsonl'), '{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d"}\n')
  await writeFile(join(graft.root, 'columns.csv'), 'frage,antwort\na,b\n')
})
afterAll(() => graft.remove())

type Line = Readonly<Record<string, unknown>>
const lines = (out: string): Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

/** What every message to a person must be. */
function expectOneMessage(err: string): void {
  const said = err.split('\n').filter((line) => line.startsWith('graft: '))
  expect(said).toHaveLength(1)
  expect(err).not.toMatch(/^\s+at /m)
}

describe('exit codes', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['fly'], /unknown command 'fly'/],
    ['an unknown option', ['runs', '--fast'], /unknown option '--fast'/],
    ['a missing argument', ['import'], /missing required argument 'file'/],
    ['a missing option', ['train'], /--data/],
    ['wrong values', ['train', '--data', 'good.jsonl', '--steps', '0', '--lr', 'fast'], /--steps: .*; --lr: /],
    ['a wrong setting', ['train', '--data', 'good.jsonl', '--set', 'r'], /--set: expected NAME=VALUE, got "r"/],
    ['a wrong format', ['export', 'x', '--format', 'zip'], /--format: expected one of peft, .*, onnx, got zip/],
    [
      'a wrong type',
      ['export', 'x', '--format', 'gguf', '--type', 'q3'],
      /--type: expected one of F32, .*, Q4_0, got q3/,
    ],
    ['a type for what has none', ['export', 'x', '--type', 'f16'], /--type: expected none for peft, .*, got f16/],
    ['neither run nor model', ['sample', '--prompt', 'x'], /either a run or --model/],
    ['an adapter on nothing', ['sample', '--prompt', 'x', '--adapter', 'folder'], /expected --model or a run with it/],
    ['an unknown suggestion', ['import', 'columns.csv', '--map', 'best'], /--map: expected "suggested", got "best"/],
    ['half a split', ['train', '--data', 'good.jsonl', '--validation-column', 'split'], /expected COLUMN=VALUE/],
    ['half a mapping', ['import', 'columns.csv', '--input', 'frage'], /--input and --answer/],
  ])('2 for %s', async (_name, args, message) => {
    const { code, out, err } = await graft.run(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).not.toMatch(/^\s+at /m)
  })

  it.each<[string, string[], RegExp]>([
    ['a file that is not there', ['import', 'none.jsonl'], /none\.jsonl/],
    [
      'an adapter that is not there',
      ['sample', '--prompt', 'x', '--model', 'starter', '--adapter', 'none'],
      /adapter ".*none": expected a folder with adapter_config\.json, got no such folder/,
    ],
    ['data that is nothing', ['train', '--data', 'none'], /--data: expected a file, a dataset or a sample, got "none"/],
    ['a form nobody knows', ['import', 'columns.csv'], /columns frage, antwort; name them with --input and --answer/],
    ['an unknown run', ['resume', 'none'], /run "none"/],
    ['a case that is not there', ['golden', 'none'], /expected the folder of a case/],
    ['a case of another kind', ['golden', 'good.jsonl'], /or a \.safetensors file, got another file/],
    ['a workspace that cannot be', ['runs', '--workspace', 'good.jsonl/x'], /workspace/],
  ])('1 and one message for %s', async (_name, args, message) => {
    const { code, out, err } = await graft.run(args)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
    expectOneMessage(err)
  })

  it('0 for help, which names every command', async () => {
    const { code, out } = await graft.run(['--help'])
    expect(code).toBe(0)
    const all = 'import datasets map models methods train resume runs show eval sample export delete demo doctor golden'
    for (const name of all.split(' ')) expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('0 or 1 for golden, with exactly one JSON line', async () => {
    for (const [name, code] of [
      ['good', 0],
      ['bad', 1],
    ] as const) {
      await mkdir(join(graft.root, name))
      const ended = await graft.run(['golden', name])
      expect(ended.code).toBe(code)
      expect(lines(ended.out)).toEqual([{ case: name, pass: name === 'good' }])
    }
  })
})

describe('the way through a project', () => {
  it('imports, trains, lists, measures, answers and exports', async () => {
    const imported = await graft.run(['import', 'good.jsonl', '--json'])
    const dataset = lines(imported.out).at(-1)?.['dataset'] as { id: string; rows: number }
    expect(dataset.rows).toBe(2)

    const trained = await graft.run(['train', '--data', dataset.id, '--steps', '6', '--name', 'way', '--json'])
    expect(trained.code).toBe(0)
    const said = lines(trained.out)
    const id = String(said[0]?.['id'])
    expect(said[0]).toEqual({ type: 'run', id })
    expect(said.filter((line) => line['type'] === 'step').map((line) => line['step'])).toEqual([1, 2, 3, 4, 5, 6])
    expect(said.at(-1)).toEqual({ type: 'run', id, state: 'done', step: 6 })

    const spec = JSON.parse(await readFile(join(graft.root, 'workspace', 'runs', id, 'spec.json'), 'utf8')) as object
    expect(spec).toMatchObject({ name: 'way', dataset: { id: dataset.id }, training: { steps: 6 } })

    const listed = await graft.run(['runs', '--json'])
    expect(lines(listed.out)).toContainEqual(expect.objectContaining({ id, state: 'done', step: 6 }))
    expect((await graft.run(['runs'])).out).toMatch(new RegExp(`^${id} +lora +6`, 'm'))
    expect((await graft.run(['eval', id])).out).toBe('loss  1.2500\nscore.value  0.50000\nscore.rows  4\n')
    expect((await graft.run(['sample', id, '--prompt', 'ahoy'])).out).toBe('you said: ahoy\n')
    expect((await graft.run(['export', id])).out).toMatch(
      /checkpoints\n {2}a +1 B\nparity: logits within 0.00012 \(at most 0.002\), 48 of 48 tokens alike\n\nload /,
    )
  })

  it('copies an export to a new folder, and never over files', async () => {
    const trained = await graft.run(['train', '--data', 'good.jsonl', '--steps', '9', '--name', 'crash', '--json'])
    const id = String(lines(trained.out).find((line) => line['type'] === 'run')?.['id'])
    await graft.run(['resume', id, '--json'])
    await mkdir(join(graft.root, 'workspace', 'runs', id, 'checkpoints'), { recursive: true })
    const out = join(graft.root, 'exported')
    const exported = await graft.run(['export', id, '--out', out, '--json'])
    expect(lines(exported.out).at(-1)).toMatchObject({ type: 'export', path: out, usage: `load ${out}` })
    await writeFile(join(out, 'mine'), 'keep me')
    const again = await graft.run(['export', id, '--out', out])
    expect(again.code).toBe(1)
    expect(await readdir(out)).toEqual(['mine'])
  })

  it('takes the columns that a file suggests once it is told to, and other rows to validate on', async () => {
    const rows = ['question,answer,split', 'q1,a1,train', 'q2,a2,test', 'Q1,A1,train'].join('\n')
    await writeFile(join(graft.root, 'asked.csv'), rows)
    await writeFile(join(graft.root, 'held.csv'), 'question,answer\nq9,a9\n')
    const refused = await graft.run(['import', 'asked.csv'])
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toContain('take question as the input and answer as the answer with --map suggested, or')
    const imported = await graft.run(['import', 'asked.csv', '--map', 'suggested'])
    expect(imported.out).toMatch(/^dataset asked: 3 rows, mapped$/m)
    expect(imported.out).toMatch(/^repeated: 0 rows word for word, 1 row but for case, blanks and punctuation$/m)

    const specOf = async (...flags: string[]): Promise<{ dataset: object; training: object }> => {
      const { code, out, err } = await graft.run(['train', '--steps', '1', '--json', ...flags])
      expect([code, err]).toEqual([0, expect.any(String)])
      const id = String(lines(out).find((line) => line['type'] === 'run')?.['id'])
      const text = await readFile(join(graft.root, 'workspace', 'runs', id, 'spec.json'), 'utf8')
      return JSON.parse(text) as { dataset: object; training: object }
    }
    const mapping = { form: 'mapped', input: ['question'], answer: 'answer' }
    const byFile = await specOf('--data', 'asked.csv', '--map', 'suggested', '--validation-data', 'held.csv')
    expect(byFile.dataset).toMatchObject({ mapping })
    expect(byFile.training).toMatchObject({ validation: { kind: 'dataset', id: 'held' }, keepTogether: true })
    const byColumn = await specOf('--data', 'asked', '--validation-column', 'split=test', '--keep-together', 'false')
    const validation = { kind: 'column', column: 'split', value: 'test' }
    expect(byColumn.training).toMatchObject({ validation, keepTogether: false })
  })

  it('imports a folder and says what it did', async () => {
    await mkdir(join(graft.root, 'texts'))
    await writeFile(join(graft.root, 'texts', 'a.txt'), 'One.')
    await writeFile(join(graft.root, 'texts', 'b.md'), '# Two')
    const { out } = await graft.run(['import', 'texts'])
    expect(out).toMatch(/^dataset texts: 2 rows, text\nnote: 2 files were read$/m)
  })

  it('tells in plain lines how training goes where there is no terminal', async () => {
    const { code, out, err } = await graft.run(['train', '--data', 'tiny', '--steps', '30'])
    expect(code).toBe(0)
    expect(err).toMatch(/^step 30 {2}loss 0\.0333 /m)
    expect(err).not.toContain('\r')
    expect(out).toMatch(/loss {2}[▁▂▃▄▅▆▇█]+ {2}1\.0000 → 0\.0333/)
    expect(out).toMatch(/export it with: graft export /)
  })
})

describe('interruption', () => {
  it('a first Ctrl-C saves a checkpoint, says how to go on, and resuming goes on from there', async () => {
    const running = graft.start(['train', '--data', 'tiny', '--steps', '150', '--json'])
    expect(await running.until('"step":5,')).toBe(true)
    running.child.kill('SIGINT')
    const { code, out, err } = await running.ended
    expect(code).toBe(130)
    const said = lines(out)
    const id = String(said[0]?.['id'])
    const saved = said.find((line) => line['type'] === 'checkpoint')?.['step'] as number
    expect(saved).toBeGreaterThanOrEqual(5)
    expect(err).toContain(`go on with: graft resume ${id}`)
    expectOneMessage(err)

    const resumed = await graft.run(['resume', id, '--json'])
    expect(resumed.code).toBe(0)
    const steps = lines(resumed.out).filter((line) => line['type'] === 'step')
    expect(steps[0]?.['step']).toBe(saved + 1)
    expect(steps.at(-1)?.['step']).toBe(150)
  })

  it('a second Ctrl-C ends even what does not listen', async () => {
    const running = graft.start(['train', '--data', 'tiny', '--steps', '100000', '--name', 'deaf', '--json'])
    expect(await running.until('"type":"step"')).toBe(true)
    running.child.kill('SIGINT')
    expect(await running.until('press Ctrl-C again')).toBe(true)
    running.child.kill('SIGINT')
    const { code, err } = await running.ended
    expect(code).toBe(130)
    expectOneMessage(err)
  })

  it('a worker that dies is a failure with the way to go on', async () => {
    const { code, err } = await graft.run(['train', '--data', 'tiny', '--steps', '9', '--name', 'crash'])
    expect(code).toBe(1)
    expect(err).toMatch(/graft resume \S*crash\S*/)
    expectOneMessage(err)
  })
})

describe('demo', () => {
  const args = ['demo', '--workspace', 'demo-workspace']

  it('shows answers before and after, the rise, and where the adapter is', async () => {
    const { code, out, err } = await graft.run(args)
    expect(code).toBe(0)
    expect(err).toContain('workspace: ')
    expect(out).toMatch(/what\? +│ three/)
    expect(out).toContain('exact-match on held-out rows: 0 % before, 100 % after')
    expect(out).toContain('adapter (loads again): ')
  })

  it('fails where nothing was learned', async () => {
    const { code, err } = await graft.run(args, { GRAFT_TEST_SCORE: '0.29' })
    expect(code).toBe(1)
    expect(err).toContain('expected the metric to rise by 30 %, got 29 %')
    expectOneMessage(err)
  })
})
