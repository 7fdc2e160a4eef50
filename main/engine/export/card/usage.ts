import { hubIdOf } from '../../methods'
import type { ExportFormat } from '../../nn'
import { code } from './markdown'

export interface UsageFacts {
  /** The folder of the export, as the reader should type it. */
  readonly folder: string
  /** The file in it that other programs are given, where it is one. */
  readonly file?: string
  /** Hub id or any name of the base model. */
  readonly baseModelName: string
  /** Where the base model is a GGUF file: the file's name. */
  readonly ggufFile?: string
  /** The run that was exported, for the studio's own command. */
  readonly runId: string
}

/** One way to use an export: what it is for, and what to type. */
interface Usage {
  readonly where: string
  readonly language: 'python' | 'sh'
  readonly text: string
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

/** A file of the export, with the separator that the folder's own path has. */
function fileOf({ folder, file = '' }: UsageFacts): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'
  return `${folder.replace(/[\\/]+$/, '')}${separator}${file}`
}

const answer = `inputs = tokenizer.apply_chat_template(
    [{"role": "user", "content": "Hello"}], add_generation_prompt=True, return_tensors="pt", return_dict=True
)
output = model.generate(**inputs, max_new_tokens=64)
print(tokenizer.decode(output[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))`

const python = (packages: readonly string[], text: string): Usage => ({
  where: `In Python (pip install ${packages.join(' ')}):`,
  language: 'python',
  text,
})

const inGraft = (text: string): Usage => ({ where: 'In Graft:', language: 'sh', text })
const byRun = ({ runId }: UsageFacts): Usage => inGraft(`graft sample ${runId} --prompt "Hello"`)
const byModel = (path: string): Usage => inGraft(`graft sample --model "${path}" --prompt "Hello"`)

function peft(facts: UsageFacts): Usage[] {
  const { base, argument } = baseOf(facts)
  const text = `from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = ${base}
tokenizer = AutoTokenizer.from_pretrained(base${argument})
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base${argument}), ${pythonText(facts.folder)})

${answer}`
  return [python(['transformers', 'peft', ...(facts.ggufFile ? ['gguf'] : []), 'torch'], text), byRun(facts)]
}

function adapterhub(facts: UsageFacts): Usage[] {
  const { base, argument } = baseOf(facts)
  const text = `import adapters
from transformers import AutoModelForCausalLM, AutoTokenizer

base = ${base}
tokenizer = AutoTokenizer.from_pretrained(base${argument})
model = AutoModelForCausalLM.from_pretrained(base${argument})
adapters.init(model)
model.load_adapter(${pythonText(facts.folder)}, set_active=True, use_safetensors=True)

${answer}`
  return [python(['transformers', 'adapters', ...(facts.ggufFile ? ['gguf'] : []), 'torch'], text), byRun(facts)]
}

function merged(facts: UsageFacts): Usage[] {
  const text = `from transformers import AutoModelForCausalLM, AutoTokenizer

folder = ${pythonText(facts.folder)}
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)

${answer}`
  return [python(['transformers', 'torch'], text), byModel(facts.folder)]
}

const inLlamaCpp = (text: string): Usage => ({ where: 'In llama.cpp:', language: 'sh', text })

const ggufModel = (facts: UsageFacts): Usage[] => [
  inLlamaCpp(`llama-cli -m "${fileOf(facts)}" -p "Hello"`),
  byModel(fileOf(facts)),
]

const ggufLora = (facts: UsageFacts): Usage[] => [
  inLlamaCpp(`llama-cli -m "${facts.ggufFile ?? 'the-base-model.gguf'}" --lora "${fileOf(facts)}" -p "Hello"`),
  byRun(facts),
]

const ollama = (facts: UsageFacts): Usage[] => [
  {
    where: 'In Ollama:',
    language: 'sh',
    text: `cd "${facts.folder}"\nollama create my-model -f Modelfile\nollama run my-model "Hello"`,
  },
  byModel(fileOf(facts)),
]

function onnx(facts: UsageFacts): Usage[] {
  const text = `import json, numpy as np, onnxruntime
from tokenizers import Tokenizer

folder = ${pythonText(facts.folder)}
session = onnxruntime.InferenceSession(folder + "/model.onnx")
tokenizer = Tokenizer.from_file(folder + "/tokenizer.json")
settings = json.load(open(folder + "/genai_config.json"))["model"]
decoder, stop = settings["decoder"], settings["eos_token_id"]

ids = tokenizer.encode("Hello", add_special_tokens=False).ids
empty = np.zeros((1, decoder["num_key_value_heads"], 0, decoder["head_size"]), np.float32)
past = {f"past_key_values.{i}.{part}": empty for i in range(decoder["num_hidden_layers"]) for part in ("key", "value")}
said, new, position = [], ids, 0
while len(said) < 64:
    total = position + len(new)
    feeds = {
        "input_ids": np.array([new]),
        "attention_mask": np.ones((1, total), np.int64),
        "position_ids": np.arange(position, total)[None],
    }
    logits, *present = session.run(None, feeds | past)
    past, position = dict(zip(past, present)), total
    new = [int(logits[0, -1].argmax())]
    if new[0] in (stop if isinstance(stop, list) else [stop]):
        break
    said += new
print(tokenizer.decode(said))`
  return [python(['onnxruntime', 'tokenizers'], text), byRun(facts)]
}

const usages: Readonly<Record<ExportFormat, (facts: UsageFacts) => readonly Usage[]>> = {
  peft,
  adapterhub,
  'merged-hf': merged,
  gguf: ggufModel,
  'gguf-lora': ggufLora,
  ollama,
  onnx,
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '    ')

/** How to use an export elsewhere and here: plain text for the terminal and the app. */
export function exportUsage(format: ExportFormat, facts: UsageFacts): string {
  return usages[format](facts)
    .map(({ where, text }) => `${where}\n\n${indent(text)}`)
    .join('\n\n')
}

/** The same for a card. */
export function usageMarkdown(format: ExportFormat, facts: UsageFacts): string {
  return usages[format](facts)
    .map(({ where, language, text }) => `${where}\n\n${code(language, text)}`)
    .join('\n\n')
}
