import type { ExportFormat } from './export-format'
import { hubIdOf } from './peft-format'

export interface UsageFacts {
  /** The folder of the export, as the reader should type it. */
  readonly folder: string
  /** Hub id or any name of the base model. */
  readonly baseModelName: string
  /** The run that was exported, for the studio's own command. */
  readonly runId: string
}

/** A Python literal that shows the path as it is: on Windows, backslashes must not escape. */
function pythonText(text: string): string {
  if (text.includes('"') || text.endsWith('\\')) return JSON.stringify(text)
  return text.includes('\\') ? `r"${text}"` : `"${text}"`
}

const python: Record<ExportFormat, (facts: UsageFacts) => string> = {
  peft: ({ folder, baseModelName }) => `from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = ${pythonText(hubIdOf(baseModelName) ?? 'path/to/the/base/model')}
tokenizer = AutoTokenizer.from_pretrained(base)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), ${pythonText(folder)})`,
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

const packages: Record<ExportFormat, string> = { peft: 'transformers and peft', 'merged-hf': 'transformers' }

const graft: Record<ExportFormat, (facts: UsageFacts) => string> = {
  peft: ({ runId }) => `graft sample ${runId} --prompt "Hello"`,
  'merged-hf': ({ folder }) => `graft sample --model "${folder}" --prompt "Hello"`,
}

/** The studio's own command for the same. */
export function graftUsage(format: ExportFormat, facts: UsageFacts): string {
  return graft[format](facts)
}

/** How to use an export elsewhere and here: plain text for the terminal and the app. */
export function exportUsage(format: ExportFormat, facts: UsageFacts): string {
  const indent = (text: string): string => text.replace(/^(?=.)/gm, '    ')
  return [
    `In Python (pip install ${packages[format].replace(' and', '')} torch):`,
    indent(pythonUsage(format, facts)),
    'In Graft:',
    indent(graftUsage(format, facts)),
  ].join('\n\n')
}
