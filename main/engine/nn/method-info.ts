import type { Task } from './task'

/** A text in every language of the studio. */
export interface Text {
  readonly en: string
  readonly zh: string
}

export type ParameterValue = number | boolean | string
export type ParameterValues = Readonly<Record<string, ParameterValue>>

/** Both ends belong to it. */
export interface Band {
  readonly low: number
  readonly high: number
}

/** A hyper-parameter as forms, command line and documentation see it. A declaration lists them by importance. */
export interface ParameterInfo {
  readonly name: string
  readonly label: Text
  readonly explanation: Text
  readonly type: 'integer' | 'number' | 'boolean' | 'text' | 'choice'
  readonly default: ParameterValue
  /** What lies beyond `min` and `max` is refused. */
  readonly min?: number
  readonly max?: number
  /** What lies beyond it is allowed, and earns a warning that says what is usual. */
  readonly usual?: Band
  readonly choices?: readonly string[]
  /** What a choice is called, where its own name does not say it. */
  readonly choiceLabels?: Readonly<Record<string, Text>>
  /** It only matters while training: what was trained with one value may be trained on with another. */
  readonly trainingOnly?: boolean
  /** Most people leave it as it is: forms show it when asked. */
  readonly advanced?: boolean
  /** It only matters while another parameter has this value. */
  readonly when?: { readonly parameter: string; readonly is: ParameterValue }
}

/** The spots of a transformer at which a method can do something. */
export type Place = 'weights' | 'linear' | 'after-attention' | 'after-mlp' | 'key-value' | 'input' | 'head'

/** What a method does at one place: the picture of a layer is drawn from these. */
export interface PlaceInfo {
  readonly place: Place
  /** `added`: new trainable parameters; `trained`: the model's own; `quantised`: the model's own, frozen in fewer bits. */
  readonly change: 'added' | 'trained' | 'quantised'
  readonly what: Text
}

/** What a run can be written as. */
export const exportFormats = ['peft', 'adapterhub', 'merged-hf', 'gguf', 'gguf-lora', 'ollama', 'onnx'] as const
export type ExportFormat = (typeof exportFormats)[number]

/**
 * Everything that others need to know about a method: the form, the command line, the advisor, the exporter, the handbook
 * and the documentation read it. It is plain data. Nothing else may ask which method it is.
 */
export interface MethodInfo {
  readonly id: string
  readonly name: Text
  /** What it is, in one sentence. */
  readonly summary: Text
  readonly papers: readonly { readonly title: string; readonly url: string }[]
  readonly parameters: readonly ParameterInfo[]
  readonly places: readonly PlaceInfo[]
  /** In words and symbols; `Method.countTrainable` computes it. */
  readonly trainableFormula: Text
  /** What takes memory while it trains, the largest first. */
  readonly memory: readonly Text[]
  readonly learningRate: Band & { readonly default: number }
  /** How it works, one step after the other. */
  readonly steps: readonly Text[]
  readonly strengths: readonly Text[]
  readonly weaknesses: readonly Text[]
  /** One case worked out in numbers or in a text. */
  readonly example: Text
  /** What it can become; single values may still forbid one (`refusalOf` in main/engine/methods). */
  readonly exports: readonly ExportFormat[]
  /** Whether it can be folded into the weights, so that nothing of it is left to be computed. */
  readonly mergeable: boolean
  readonly tasks: readonly Task['kind'][]
}

/** What a method's file of words holds: the part of its declaration that is nothing but text, and its parameters' words. */
export interface MethodWords {
  readonly about: Pick<
    MethodInfo,
    | 'name'
    | 'summary'
    | 'papers'
    | 'places'
    | 'trainableFormula'
    | 'memory'
    | 'learningRate'
    | 'steps'
    | 'strengths'
    | 'weaknesses'
    | 'example'
  >
  readonly parameters: Readonly<Record<string, Pick<ParameterInfo, 'label' | 'explanation' | 'choiceLabels'>>>
}
