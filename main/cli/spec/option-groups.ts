import type { Command } from 'commander'
import { runSpecSchema } from '../../../preload/contract'
import { addOptions, runOptions, samplingOptions, type RunOption } from './run-options'
import { valueAt } from './tree'

/** Headings of the help text, and the flags below them; one that nobody named comes under the last. */
const headings: readonly (readonly [string, readonly string[]])[] = [
  ['What is held out:', ['validation', 'keep-together', 'metric', 'metric-rows', 'samples']],
  ['How long, and in what pieces:', ['steps', 'epochs', 'batch', 'accumulation', 'max-length', 'packing', 'patience']],
  ['Optimiser:', ['lr', 'schedule', 'warmup', 'weight-decay', 'betas', 'epsilon', 'clip']],
  ['While it runs:', ['evaluate-every', 'validation-rows', 'checkpoint-every']],
  ['Answers:', samplingOptions.map(({ flag }) => flag)],
  ['The run and the machine:', []],
]

const defaults = runSpecSchema.parse({ model: { kind: 'starter' }, dataset: { id: '' }, method: { id: 'lora' } })

/** What counts where the option is not given, unless its explanation says so in words. */
function withDefault(option: RunOption): RunOption {
  const value = valueAt(defaults, option.path.join('.'))
  if (value === undefined || value === '' || option.explanation.endsWith(')')) return option
  return { ...option, explanation: `${option.explanation} (${String(value)})` }
}

const isNamed = ({ flag }: RunOption): boolean => headings.some(([, flags]) => flags.includes(flag))

/** Adds every setting of a run to a command, grouped as people look for them. */
export function addGroupedOptions(command: Command): void {
  const options = [...runOptions, ...samplingOptions].map(withDefault)
  for (const [heading, flags] of headings) {
    const named = flags.flatMap((flag) => options.filter((option) => option.flag === flag))
    const rest = flags.length === 0 ? options.filter((option) => !isNamed(option)) : []
    addOptions(command.optionsGroup(heading), [...named, ...rest])
  }
}

export const trainExamples = `
A config file is JSON in the form of a run's spec.json; options overrule it:

  { "model": { "kind": "folder", "path": "models/SmolLM2-135M-Instruct" },
    "dataset": { "id": "examples.jsonl" },
    "method": { "id": "lora", "parameters": { "r": 8 } },
    "training": { "steps": 200, "learningRate": 0.001 } }

Examples:
  graft train --data examples.jsonl --steps 60 --lr 2e-3 --set r=8
  graft train run.json --steps 100
  graft train --continue RUN --steps 50
  graft train --continue RUN --data more.jsonl
  graft train --adapter my-adapter --model models/SmolLM2-135M --data more.jsonl
  graft show RUN --config > run.json`
