import { hubIdOf } from '../methods'
import type { ExportFormat } from './export-format'

export interface UsageFacts {
  /** The folder of the export, as the reader should type it. */
  readonly folder: string
  /** Hub id or any name of the base model. */
  readonly baseModelName: string
  /** Where the base model is a GGUF file: the file's name. */
  readonly ggufFile?: string
  /** The run that was exported, for the studio's own command. */
  readonly runId: string
}

/** A Python literal that shows the path as it is: on Windows, backslashes must not escape. */
function pythonText(text: string): string {
  if (text.includes('"') || text.endsWith('\\')) return JSON.stringify(text)
  return text.includes('\\') ? `r"${text}"` : `"${text}"`
}

/** Where the base model lies, and how transformers is told of a GGUF file there. */
function baseOf({ baseModelName, ggufFile }: UsageFacts): { readonly base: string; readonly argument: string } {
  if (ggufFile === undefined)
    return { base: pythonText(hubIdOf(baseModelName) ?? 'path/to/the/base/model'), argument: '' }
  return { base: pythonText('path/to/the/folder/of/the/file'), argument: `, gguf_file=${pythonText(ggufFile)}` }
}

const python: Record<ExportFormat, (facts: UsageFacts) => string> = {
  peft: (facts) => {
    const { base, argument } = baseOf(facts)
    return `from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = ${base}
tokenizer = AutoTokenizer.from_pretrained(base${argument})
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base${argument}), ${pythonText(facts.folder)})`
  },
  adapterhub: (facts) => {
    const { base, argument } = baseOf(facts)
    return `import adapters
from transformers import AutoModelForCausalLM, AutoTokenizer

base = ${base}
tokenizer = AutoTokenizer.from_pretrained(base${argument})
model = AutoModelForCausalLM.from_pretrained(base${argument})
adapters.init(model)
model.load_adapter(${pythonText(facts.folder)}, set_active=True, use_safetensors=True)`
  },
  'merged-hf': ({ folder }) => `from transformers import AutoModelForCausalLM, AutoTokenizer

folder = ${pythonText(folder)}
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)`,
}

const answer = `inputs = tokenizer.apply_chat_template(
    [{"role": "user", "content": "Hello"}], add_generation_prompt=True, return_tensors="pt", return_dict=True
)
output = model.generate(**inputs, max_new_tokens=64)
print(tokenizer.decode(output[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))`

/** The Python that loads the export and lets it answer. */
export function pythonUsage(format: ExportFormat, facts: UsageFacts): string {
  return `${python[format](facts)}\n\n${answer}`
}

const packages: Record<ExportFormat, readonly string[]> = {
  peft: ['transformers', 'peft'],
  adapterhub: ['transformers', 'adapters'],
  'merged-hf': ['transformers'],
}

const graft: Record<ExportFormat, (facts: UsageFacts) => string> = {
  peft: ({ runId }) => `graft sample ${runId} --prompt "Hello"`,
  adapterhub: ({ runId }) => `graft sample ${runId} --prompt "Hello"`,
  'merged-hf': ({ folder }) => `graft sample --model "${folder}" --prompt "Hello"`,
}

/** The studio's own command for the same. */
export function graftUsage(format: ExportFormat, facts: UsageFacts): string {
  return graft[format](facts)
}

/** How to use an export elsewhere and here: plain text for the terminal and the app. */
export function exportUsage(format: ExportFormat, facts: UsageFacts): string {
  // An adapter's base is loaded from the file again; what was merged no longer needs it.
  const gguf = format !== 'merged-hf' && facts.ggufFile !== undefined ? ['gguf'] : []
  const indent = (text: string): string => text.replace(/^(?=.)/gm, '    ')
  return [
    `In Python (pip install ${[...packages[format], ...gguf, 'torch'].join(' ')}):`,
    indent(pythonUsage(format, facts)),
    'In Graft:',
    indent(graftUsage(format, facts)),
  ].join('\n\n')
}
