/**
 * `npm run bench -- real --model FILE --data FOLDER`: LoRA on a real model and three public datasets, through the command
 * line as anybody would run it. Prints the table of README.md.
 *
 * FILE    SmolLM2-135M-Instruct as a GGUF file or a Hugging Face folder
 * FOLDER  gsm8k/{train,test}.jsonl, e2e-nlg/{train,test}.tsv and banking77/{train,test}.csv, as their authors publish them
 */
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { eventsOf, fail, gigabytes, markdown, minutes, percent, speedAndMemory, trainingSeconds } from './runs.mjs'

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string' },
    /** A folder that is kept, for a look at the runs afterwards. */
    workspace: { type: 'string' },
  },
})

/** What is the same for all: LoRA r = 8 on the seven matrices, validated before the first and after the last step. */
const common =
  '--map suggested --set r=8 --lr 1e-3 --evaluate-every 0 --checkpoint-every 0 --samples 0 --max-new-tokens 16'

const cases = [
  {
    name: 'gsm8k',
    files: ['gsm8k/train.jsonl', 'gsm8k/test.jsonl'],
    settings: '--steps 40 --batch 4 --max-length 256 --validation-rows 64 --metric none',
  },
  {
    name: 'e2e-nlg',
    files: ['e2e-nlg/train.tsv', 'e2e-nlg/test.tsv'],
    settings: '--steps 60 --batch 8 --max-length 256 --validation-rows 128 --metric none',
  },
  {
    name: 'banking77',
    files: ['banking77/train.csv', 'banking77/test.csv'],
    settings: '--steps 80 --batch 16 --max-length 128 --validation-rows 96 --metric label-accuracy --metric-rows 100',
  },
]

/** One row of the table, from a run's events. */
function summarise(name, events) {
  const of = (type) => events.filter((event) => event.type === type)
  const [evaluations, steps] = [of('evaluation'), of('step')]
  const scores = of('score').toSorted((a, b) => a.step - b.step)
  const { tokensPerSecond, peakBytes } = speedAndMemory(events)
  const [before, after] = [evaluations[0], evaluations.at(-1)]
  return {
    dataset: name,
    steps: steps.length,
    'validation loss': `${before.loss.toFixed(3)} → ${after.loss.toFixed(3)}`,
    accuracy: scores.length > 1 ? scores.map(({ score }) => percent(score.value)).join(' → ') : '-',
    'tokens/s': tokensPerSecond,
    'peak memory': gigabytes(peakBytes),
    'until the last step': minutes(trainingSeconds(events)),
  }
}

if (!options.model || !options.data)
  fail('bench real: expected --model FILE and --data FOLDER; see scripts/bench/real.mjs')
const workspace = options.workspace ?? (await mkdtemp(join(tmpdir(), 'graft-real-')))
const rows = []
for (const { name, files, settings } of cases.filter((each) => !options.only || each.name === options.only)) {
  const [train, test] = files.map((file) => join(options.data, file))
  await access(train).catch(() => fail(`bench real: expected the file ${train}`))
  console.error(name)
  const flags = [...common.split(' '), ...settings.split(' ')]
  const data = ['--data', train, '--validation-data', test, '--model', options.model]
  rows.push(summarise(name, await eventsOf(['train', ...data, ...flags, '--workspace', workspace])))
}
console.log(markdown(rows))
if (!options.workspace) await rm(workspace, { recursive: true, force: true })
