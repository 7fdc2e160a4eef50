import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tinyConfig, writeTinyModel } from '../../helpers/tiny-model'
import { smallInstall, type SmallInstall } from './small-install'

let graft: SmallInstall
beforeAll(async () => {
  graft = await smallInstall('cli')
  const rows = ['frage,antwort,rest', 'q1,a1,x', 'q2,,x', 'q3,a3,x'].join('\n')
  await writeFile(join(graft.root, 'columns.csv'), rows)
  await writeFile(join(graft.root, 'asked.csv'), 'question,answer\nq1,a1\n')
  const mapped = await graft.run(['import', 'columns.csv', '--input', 'frage', '--answer', 'antwort'])
  expect(mapped.err).not.toContain('graft: ')
})
afterAll(() => graft.remove())

describe('graft datasets', () => {
  it('lists them', async () => {
    const { code, out } = await graft.run(['datasets'])
    expect(code).toBe(0)
    expect(out).toMatch(/^dataset +rows +unusable +form +from$/m)
    expect(out).toMatch(/^columns +2 +1 +mapped +columns\.csv$/m)
    const line = (await graft.run(['datasets', '--json'])).out.split('\n')[0] ?? ''
    expect(JSON.parse(line)).toMatchObject({ id: 'columns', rows: 2, problems: 1 })
  })

  it('shows one, its rows as the model gets them, and what cannot be used', async () => {
    const { out } = await graft.run(['datasets', 'columns', '--rows', '1', '--problems'])
    expect(out).toMatch(/^mapping +frage as the input and antwort as the answer$/m)
    expect(out).toMatch(/^ {2}user: q1$/m)
    expect(out).toMatch(/^ {2}assistant: a1$/m)
    expect(out).not.toContain('q3')
    expect(out).toMatch(/^line 3 .*antwort/m)
  })

  it.each([
    [['datasets', 'none'], 1, /^graft: dataset "none": expected a dataset of this workspace/m],
    [['datasets', 'columns', '--rows', '-1'], 2, /--rows: expected a whole number from 0 to 200, got "-1"/],
  ])('%j is refused', async (args, code, message) => {
    const ended = await graft.run(args)
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toMatch(message)
  })
})

describe('graft map', () => {
  it('gives the columns of a dataset other parts', async () => {
    const { code, out } = await graft.run(['map', 'columns', '--input', 'rest', '--answer', 'frage'])
    expect(code).toBe(0)
    expect(out).toBe('dataset columns: rest as the input and frage as the answer\n3 rows, 0 that cannot be used\n')
    await graft.run(['map', 'columns', '--input', 'frage', '--answer', 'antwort'])
  })

  it.each([
    [['map', 'columns'], 2, /map: expected --input and --answer, or --map suggested, got none/],
    [['map', 'columns', '--map', 'suggested'], 1, /got frage, antwort, rest; name them with --input and --answer/],
    [
      ['map', 'columns', '--input', 'x', '--answer', 'frage'],
      1,
      /expected columns among frage, antwort, rest, got "x"/,
    ],
    [['map', 'none', '--input', 'x', '--answer', 'y'], 1, /dataset "none": expected a dataset of this workspace/],
  ])('%j is refused', async (args, code, message) => {
    const ended = await graft.run(args)
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toMatch(message)
  })
})

describe('graft methods and models', () => {
  it('explain what there is', async () => {
    const all = await graft.run(['methods'])
    expect(all.out).toMatch(/^lora +r alpha dropout targets rslora /m)
    const one = await graft.run(['methods', 'lora'])
    expect(one.out).toMatch(/^--set r=… {2}Rank: integer 1 … 1024, otherwise 8$/m)
    expect(one.out).toMatch(/^how it works\n {2}1\. Choose the weight matrices/m)
    expect((await graft.run(['methods', 'lora', '--lang', 'zh'])).out).toMatch(/^步骤\n {2}1\. 选定要调整的权重矩阵/m)
    expect(JSON.parse((await graft.run(['methods', 'lora', '--schema'])).out)).toMatchObject({ type: 'object' })
    expect((await graft.run(['methods', 'magic'])).err).toMatch(/expected one of lora, .*full.*, got "magic"/)
  })

  it('say what a model is, and why one cannot be used', async () => {
    await writeTinyModel(join(graft.root, 'tiny'))
    const { code, out } = await graft.run(['models', 'tiny'])
    expect(code).toBe(0)
    expect(out).toMatch(/^shape +2 layers of 32, 256 tokens of context$/m)
    await mkdir(join(graft.root, 'broken'))
    await writeFile(join(graft.root, 'broken', 'config.json'), JSON.stringify({ ...tinyConfig, model_type: 'mamba' }))
    const broken = await graft.run(['models', 'broken'])
    expect(broken.code).toBe(1)
    expect(broken.err).toMatch(/^graft: config\.json: model_type: expected one of llama, .*, got mamba/m)
  })
})

describe('graft delete', () => {
  it('deletes runs and datasets, and says what is not there', async () => {
    await graft.run(['train', '--data', 'tiny', '--steps', '1', '--name', 'gone'])
    const runs = join(graft.root, 'workspace', 'runs')
    const [id = ''] = await readdir(runs)
    expect((await graft.run(['delete', id])).out).toBe(`deleted run ${id}\n`)
    expect(await readdir(runs)).toEqual([])
    expect((await graft.run(['delete', id])).err).toMatch(/^graft: run ".*": expected a run of this workspace/m)
    await graft.run(['import', 'asked.csv', '--map', 'suggested'])
    expect((await graft.run(['delete', '--dataset', 'asked'])).out).toBe('deleted dataset asked\n')
    expect((await graft.run(['delete', '--dataset', 'asked'])).err).toMatch(
      /^graft: dataset "asked": expected a dataset/m,
    )
  })
})
