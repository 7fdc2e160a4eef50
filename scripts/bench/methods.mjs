/**
 * `npm run bench -- methods --model FILE --data FOLDER`: every method with its own defaults on one real model and one
 * dataset, through the command line as anybody would run it. Prints the table of README.md.
 *
 * FILE    SmolLM2-135M-Instruct as a GGUF file or a Hugging Face folder
 * FOLDER  e2e-nlg/{train,test}.tsv, as its authors publish it
 *
 * With `--write FILE` it also writes what the advisor shows as evidence (resources/evidence/methods.json).
 */
import { access, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { eventsOf, fail, gigabytes, markdown, runGraft, speedAndMemory } from './runs.mjs'

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    /** A regular expression that the names of the cases to run match. */
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: '0' },
    steps: { type: 'string', default: '150' },
    write: { type: 'string' },
    /** A folder that is kept, for a look at the runs afterwards. */
    workspace: { type: 'string' },
  },
})

/** Each method, and its forms that people choose between; the learning rate is always the method's own default. */
const cases = [
  { name: 'LoRA', method: 'lora', export: 'peft' },
  { name: 'LoRA, rsLoRA', method: 'lora', set: ['rslora=true'], export: 'peft' },
  { name: 'LoRA, DoRA', method: 'lora', set: ['dora=true'], export: 'peft' },
  { name: 'LoRA, LoRA+ (ratio 16)', method: 'lora', set: ['loraplusRatio=16'], export: 'peft' },
  { name: 'QLoRA (NF4)', method: 'qlora', export: 'peft' },
  { name: 'Adapter, Houlsby', method: 'adapter', set: ['kind=houlsby'], export: 'adapterhub' },
  { name: 'Adapter, Pfeiffer', method: 'adapter', set: ['kind=pfeiffer'], export: 'adapterhub' },
  { name: 'Adapter, parallel', method: 'adapter', set: ['kind=parallel'], export: 'adapterhub' },
  { name: 'Prefix tuning', method: 'prefix', export: 'peft' },
  { name: 'Prompt tuning', method: 'prompt', export: 'peft' },
  { name: 'P-Tuning (LSTM)', method: 'p-tuning', export: 'peft' },
  { name: 'P-Tuning v2', method: 'p-tuning-v2', export: 'peft' },
  { name: 'Full fine-tuning', method: 'full', export: 'merged-hf' },
]

const settings = `--map suggested --steps ${options.steps} --batch 2 --max-length 128 --validation-rows 64 --metric none
  --evaluate-every 0 --checkpoint-every 0 --samples 0 --threads ${options.threads}`.split(/\s+/)

async function folderBytes(folder) {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Trains one case and exports what it learned. */
async function measure(each, workspace, data) {
  const { name, method, set = [], export: format } = each
  console.error(name)
  const chosen = ['--method', method, ...set.flatMap((pair) => ['--set', pair])]
  const events = await eventsOf(['train', ...data, ...settings, ...chosen, '--workspace', workspace])
  const { id } = events.find(({ type }) => type === 'run')
  const folder = join(workspace, 'bench-export', id)
  await runGraft(['export', id, '--format', format, '--out', folder, '--workspace', workspace])
  const [before, after] = [
    events.find(({ type }) => type === 'evaluation'),
    events.findLast(({ type }) => type === 'evaluation'),
  ]
  const result = {
    name,
    method,
    parameters: Object.fromEntries(set.map((pair) => pair.split('='))),
    trainableParameters: events.find(({ type }) => type === 'prepared').trainableParameters,
    exportBytes: await folderBytes(folder),
    lossBefore: before.loss,
    lossAfter: after.loss,
    ...speedAndMemory(events),
    threads: Number(options.threads) || cpus().length,
  }
  await rm(folder, { recursive: true, force: true })
  return result
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`

const rowOf = (result) => ({
  method: result.name,
  'trainable parameters': result.trainableParameters.toLocaleString('en'),
  'exported as': megabytes(result.exportBytes),
  'validation loss': `${result.lossBefore.toFixed(3)} → ${result.lossAfter.toFixed(3)}`,
  perplexity: `${Math.exp(result.lossBefore).toFixed(1)} → ${Math.exp(result.lossAfter).toFixed(1)}`,
  'tokens/s': result.tokensPerSecond,
  'peak memory': gigabytes(result.peakBytes),
})

if (!options.model || !options.data)
  fail('bench methods: expected --model FILE and --data FOLDER; see scripts/bench/methods.mjs')
const [train, test] = ['train', 'test'].map((part) => join(options.data, 'e2e-nlg', `${part}.tsv`))
await access(train).catch(() => fail(`bench methods: expected the file ${train}`))
const workspace = options.workspace ?? (await mkdtemp(join(tmpdir(), 'graft-methods-')))
const data = ['--data', train, '--validation-data', test, '--model', options.model]
const results = []
for (const each of cases.filter(({ name }) => new RegExp(options.only).test(name)))
  results.push(await measure(each, workspace, data))
console.log(markdown(results.map(rowOf)))
if (options.write) {
  const about = {
    model: 'SmolLM2-135M-Instruct',
    dataset: 'E2E NLG',
    steps: Number(options.steps),
    batch: 2,
    maxLength: 128,
  }
  await writeFile(options.write, `${JSON.stringify({ about, results }, null, 2)}\n`)
}
if (!options.workspace) await rm(workspace, { recursive: true, force: true })
