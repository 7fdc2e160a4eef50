import { gguf, type Json } from '../../checkpoint'
import { GraftError } from '../../errors'
import type { AppliedMethod, ExportFormat, ModelDefinition } from '../../nn'

/** The model that a method is on, as far as formats care. */
export interface ExportBase {
  readonly model: ModelDefinition
  /** Its config.json. */
  readonly config: Json
}

/** Why a method cannot become a format: a stable code, and half a sentence after "got". */
export interface Refusal {
  readonly reason: 'declaration' | 'task' | 'family' | 'variant' | 'tied-head'
  readonly got: string
  /** What to do instead. */
  readonly advice: string
}

type Rule = (method: AppliedMethod, base: ExportBase) => Refusal | undefined

interface FormatRule {
  /** After "does not end as". */
  readonly name: string
  readonly refuses: Rule
}

const never: Rule = () => undefined

/** The first rule that refuses decides. */
const both =
  (...rules: readonly Rule[]): Rule =>
  (method, base) => {
    for (const rule of rules) {
      const refusal = rule(method, base)
      if (refusal) return refusal
    }
    return undefined
  }

const speaks: Rule = (_, { model }) =>
  model.task.kind === 'causal-lm'
    ? undefined
    : { reason: 'task', got: 'a model that chooses among classes', advice: 'export the adapter or a merged model' }

const hasGgufName: Rule = (_, { config }) =>
  gguf.architectureFor(String(config['model_type']))
    ? undefined
    : {
        reason: 'family',
        got: `a model of the family ${String(config['model_type'])}, for which llama.cpp's format has no names here`,
        advice: 'export a merged model',
      }

const isSet = (value: unknown): boolean =>
  Boolean(value) && (typeof value !== 'object' || Object.keys(value as object).length > 0)

/** Fields of a LoRA adapter's configuration that ask for more than W + s·BA, and what they are called. */
const variants: Readonly<Record<string, string>> = {
  use_dora: "DoRA's magnitudes",
  lora_bias: 'biases of the adapter',
  modules_to_save: 'layers that are trained as a whole',
}

const isPlainLora: Rule = ({ adapter }) => {
  const config = adapter?.config ?? {}
  const advice = 'export merged GGUF'
  if (config['peft_type'] !== 'LORA') return { reason: 'declaration', got: 'an adapter of another kind', advice }
  const found = Object.keys(variants).find((name) => isSet(config[name]))
  return found === undefined
    ? undefined
    : { reason: 'variant', got: `${variants[found]}, for which the format has no place`, advice }
}

const rules: Readonly<Record<ExportFormat, FormatRule>> = {
  peft: { name: 'a PEFT adapter', refuses: never },
  adapterhub: { name: 'an AdapterHub adapter', refuses: never },
  'merged-hf': { name: 'a merged model', refuses: never },
  gguf: { name: 'a GGUF file', refuses: both(speaks, hasGgufName) },
  'gguf-lora': { name: 'a GGUF adapter', refuses: both(speaks, hasGgufName, isPlainLora) },
  ollama: { name: 'an Ollama model', refuses: both(speaks, hasGgufName) },
  onnx: { name: 'an ONNX model', refuses: speaks },
}

/** What a format is called in sentences. */
export const formatName = (format: ExportFormat): string => rules[format].name

/** Why a method, with the values that it was put on this model with, cannot become a format; undefined where it can. */
export function refusalOf(method: AppliedMethod, base: ExportBase, format: ExportFormat): Refusal | undefined {
  const { exports, name } = method.info
  if (exports.includes(format)) return rules[format].refuses(method, base)
  const got = `${name.en}, which ends as ${exports.map(formatName).join(', ') || 'nothing that can be exported'}`
  return { reason: 'declaration', got, advice: 'choose another format or another method' }
}

/**
 * For before training and before exporting.
 * @throws GraftError `export-failed` with the reason, and the formats that are possible instead
 */
export function requireExport(method: AppliedMethod, base: ExportBase, format: ExportFormat): void {
  const refusal = refusalOf(method, base, format)
  if (!refusal) return
  const { reason, got, advice } = refusal
  const possible = method.info.exports.filter((other) => !refusalOf(method, base, other))
  const message = `export: expected something that becomes ${formatName(format)}, got ${got}; ${advice}`
  throw new GraftError('export-failed', message, { method: method.info.id, format, reason, possible })
}
