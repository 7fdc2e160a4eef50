import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realInstall, type RealInstall } from '../../helpers/real-install'
import { tinyRows, writeTinyModel } from '../../helpers/tiny-model'
import {
  brokenValues,
  changeConfig,
  cutWeights,
  damaged,
  hugeHeader,
  missingShard,
  onAFullDisk,
  overlap,
  remove,
  replace,
  runCommand,
  type Damage,
  type Ended,
} from './bad-input'

let install: RealInstall
let model: string
let workspace: string
const graft = (...args: string[]): string[] => [process.execPath, install.cli, '--workspace', workspace, ...args]
const run = (command: readonly string[]): Ended => runCommand(install.root, command)

beforeAll(async () => {
  install = await realInstall()
  workspace = join(install.root, 'workspace')
  model = await writeTinyModel(join(install.root, 'tiny'))
  await writeFile(join(install.root, 'good.jsonl'), tinyRows(20))
  expect(run(graft('import', 'good.jsonl')).code).toBe(0)
})
afterAll(() => install.remove())

/** A training as short as can be. */
const quick = ['--steps', '2', '--batch', '2', '--samples', '1', '--metric', 'none', '--max-new-tokens', '2']
const train = (data: string, ...more: string[]): string[] =>
  graft('train', '--data', data, '--model', model, ...quick, ...more)

/** One message of the house's form, no stack trace, and a code that says so to the shell. */
function expectOneMessage({ code, err }: Ended, message: RegExp): void {
  const said = err.split('\n').filter((line) => line.startsWith('graft: '))
  expect([code, said.length], err).toEqual([1, 1])
  expect(said[0]).toMatch(/^graft: .+: (.+: )?expected .+, got .+; .+$/)
  expect(said[0]).toMatch(message)
  expect(err).not.toMatch(/^\s+at /m)
}

/** Nothing half-made lies about, and what is there can be listed. */
async function expectNothingTorn(): Promise<void> {
  const names = await readdir(workspace, { recursive: true })
  expect(names.filter((name) => /(^|[\\/])\.|\.tmp$|run\.lock$/.test(name))).toEqual([])
  const folders = names.filter((name) => /checkpoints[\\/]\d+$/.test(name))
  for (const folder of folders) expect(await readdir(join(workspace, folder))).toContain('manifest.json')
  const { code, out } = run(graft('runs', '--json'))
  expect(code).toBe(0)
  const runs = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { state: string }]))
  for (const listed of runs) {
    expect(listed).not.toHaveProperty('broken')
    expect(['done', 'failed', 'interrupted']).toContain(listed.state)
  }
}

const number = String.raw`\d[\d.e+]*`

// Rows that are held out are not counted among those that could not be trained on.
describe('a model folder', () => {
  it.each<[string, Damage, RegExp]>([
    ['with weights cut short', cutWeights(100_000), /model\.safetensors: expected \d+ bytes of tensor data/],
    ['with a file of five bytes', cutWeights(5), /expected at least 8 bytes, got 5 bytes/],
    [
      'with a header of a hostile length',
      hugeHeader,
      new RegExp(`at most ${number} bytes, got a length of ${number};`),
    ],
    ['with tensors that overlap', overlap, /tensor "b" to begin at byte 8, got 4 \(an overlap\)/],
    ['without weights', remove('model.safetensors'), /expected model\.safetensors or .*, got neither/],
    ['without one of its shards', missingShard, /weight file "model-00001-of-00002\.safetensors".*, got none/],
    ['with weights that are no numbers', brokenValues, /evaluation: expected a finite loss, got NaN/],
    ['of an unknown family', changeConfig({ model_type: 'mamba' }), /expected one of llama, .*, got mamba/],
    ['of other shapes than its config', changeConfig({ hidden_size: 64 }), /expected shape \[4096, 64\].*\[4096, 32\]/],
    ['with a config that cannot be', changeConfig({ num_attention_heads: 3 }), /head_dim: .* integer, got 10\.6/],
    ['with a config that is no JSON', replace('config.json', '{'), /config\.json: expected JSON/],
    [
      'without a config',
      remove('config.json'),
      /expected a folder with config\.json, or a \.gguf file, got a folder without one/,
    ],
    ['without a tokenizer', remove('tokenizer.json'), /expected a tokenizer\.json in the model folder, got none/],
    ['with a broken tokenizer', replace('tokenizer.json', '{}'), /expected a tokenizer\.json that can be loaded/],
    [
      'with a template that cannot be parsed',
      replace('chat_template.jinja', '{% if %}'),
      /chat template: expected a tem/,
    ],
  ])('%s', async (name, damage, message) => {
    const folder = await damaged(model, join(install.root, name.replaceAll(' ', '-')), damage)
    expectOneMessage(run(train('good', '--model', folder)), message)
    await expectNothingTorn()
  })

  it('whose template refuses every row', async () => {
    const refuse = replace('chat_template.jinja', `{{ raise_exception('no, thanks') }}`)
    const folder = await damaged(model, join(install.root, 'refuses'), refuse)
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ]
    await writeFile(join(install.root, 'chat.jsonl'), `${JSON.stringify({ messages })}\n`.repeat(3))
    expectOneMessage(run(train('chat.jsonl', '--model', folder)), /2 rows: left out, .*"no, thanks"/)
    await expectNothingTorn()
  })

  it('whose tokenizer knows more tokens than its weights', async () => {
    const folder = await writeTinyModel(join(install.root, 'small-vocabulary'), { config: { vocab_size: 100 } })
    expectOneMessage(run(train('good', '--model', folder)), /tokenizer: expected token numbers below 100/)
  })

  it('whose context holds no row at all', async () => {
    const folder = await writeTinyModel(join(install.root, 'no-context'), { config: { max_position_embeddings: 1 } })
    expectOneMessage(run(train('good', '--model', folder)), /18 rows: left out, no token of the answer fits/)
  })
})

describe('a dataset', () => {
  it.each<[string, string, RegExp]>([
    ['nothing.jsonl', '', /expected at least one usable row, got none/],
    ['heading.csv', 'prompt,completion\n', /expected at least one usable row, got none/],
    ['no-answer.jsonl', '{"prompt":"a"}\n{"prompt":"b"}\n', /the columns prompt; name them with --input and --answer/],
    ['blank-answer.jsonl', '{"prompt":"a","completion":" "}\n', /got 1 problem, .* line 1: the completion is empty/],
    ['strange.csv', 'x,y\n1,2\n', /expected a known form, got the columns x, y; name them/],
    ['torn.json', '{"a": [1,', /got 1 problem, the first in line 1/],
  ])('%s', async (name, content, message) => {
    await writeFile(join(install.root, name), content)
    expectOneMessage(run(train(name)), message)
    expect(await readdir(join(workspace, 'datasets'))).not.toContain(name.split('.')[0])
    await expectNothingTorn()
  })

  it('with rows longer than the context is trained on all the same, and says what was shortened', async () => {
    const words = 'word '.repeat(3000)
    const long = [
      { prompt: words, completion: 'yes' },
      { prompt: 'go on', completion: words },
    ]
    await writeFile(join(install.root, 'long.jsonl'), long.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const { code, err } = run(train('long.jsonl', '--validation', '0'))
    expect(code).toBe(0)
    expect(err).toMatch(/^note: the maximum length of 512 tokens was lowered to 256, the context of this model$/m)
    expect(err).toMatch(/^note: 1 row: .* the prompt was shortened \(first: line 1\)$/m)
    expect(err).toMatch(/^note: 1 row: .* the end of the answer was cut \(first: line 2\)$/m)
  })
})

describe('settings', () => {
  it.each<[string, string[], RegExp]>([
    ['a rank of nothing', ['--set', 'r=0'], /LoRA: r: expected a value between 1 and 1024, got 0/],
    ['half a rank', ['--set', 'r=2.5'], /LoRA: r: expected a whole number, got 2\.5/],
    ['an unknown parameter', ['--set', 'rang=8'], /LoRA: expected its parameters \(r, alpha, .*\), got rang/],
    ['an unknown target', ['--set', 'targets=q_proj,foo'], /target modules: expected .*, got foo/],
    ['an unknown method', ['--method', 'magic'], /method: expected one of lora, .*full, .*, got magic/],
  ])('%s', async (_name, args, message) => {
    expectOneMessage(run(train('good', ...args)), message)
    await expectNothingTorn()
  })

  it('a batch larger than the dataset is no mistake', () => {
    expect(run(train('good', '--batch', '64')).code).toBe(0)
  })

  it('a prompt longer than the context', () => {
    const asked = graft('sample', '--model', model, '--prompt', 'word '.repeat(3000))
    expectOneMessage(run(asked), /generation: expected a prompt of 1 to 255 tokens, got \d+; shorten it/)
  })
})

describe('a disk', () => {
  it.each([
    ['under a file', 'good.jsonl/x', /got a file on the way \(ENOTDIR\)/],
    ['that is a file', 'good.jsonl', /got a file of that name \(EEXIST\)/],
    ['where nothing can be made', '/proc/graft', /got .+ \(E[A-Z]+\)/],
  ])('a workspace %s', (_name, place, message) => {
    expectOneMessage(run(graft('runs', '--workspace', place)), message)
  })

  it('that is full while a file is imported: there is no dataset', async () => {
    await writeFile(join(install.root, 'big.jsonl'), tinyRows(20_000))
    const ended = run(onAFullDisk(400, graft('import', 'big.jsonl')))
    expectOneMessage(ended, /rows\.jsonl: expected a size that the disk allows/)
    expect(await readdir(join(workspace, 'datasets'))).not.toContain('big')
    await expectNothingTorn()
  })

  it('that is full at a checkpoint: the run has failed, and has no half of one', async () => {
    const ended = run(onAFullDisk(200, train('good', '--method', 'full')))
    expectOneMessage(ended, /state\.safetensors: expected a size that the disk allows/)
    await expectNothingTorn()
  })

  it('that takes no more of the log', async () => {
    expectOneMessage(run(onAFullDisk(4, train('good'))), /events\.jsonl: expected a size that the disk allows/)
    await expectNothingTorn()
  })

  it('that is full while a run is exported: there is no export', async () => {
    expect(run(train('good', '--name', 'whole')).code).toBe(0)
    const id = (await readdir(join(workspace, 'runs'))).find((name) => name.includes('whole')) as string
    const ended = run(onAFullDisk(200, graft('export', id, '--format', 'merged-hf')))
    expectOneMessage(ended, /model\.safetensors: expected a size that the disk allows/)
    expect(await readdir(join(workspace, 'runs', id, 'exports'))).toEqual([])
    await expectNothingTorn()
  })
})
