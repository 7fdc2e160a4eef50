import { hubIdOf, PEFT_VERSION } from '../../methods'
import type { ExportFormat } from '../../nn'
import { curveText, type Curves } from './curve'
import { frontMatter, number, plain, table, type FrontMatter } from './markdown'
import { usageMarkdown } from './usage'

/** What the card says about the run: gathered by the caller from the run's files. */
export interface CardFacts {
  readonly title: string
  readonly runId: string
  /** `Graft Studio 0.1.0` */
  readonly software: string
  readonly base: {
    /** Hub id, or any name. */
    readonly name: string
    /** Where it is a GGUF file: the file's name. */
    readonly ggufFile?: string
    /** As its own card says. */
    readonly licence?: string
  }
  /** What the run continued, where it did not begin at the base model. */
  readonly startedFrom?: string
  readonly data: {
    readonly name: string
    readonly rows: number
    readonly validationRows: number
    /** Of the rows' content, so that one can tell the same data from changed data. */
    readonly fingerprint: string
  }
  /** Hyper-parameters of the method and of the training, in the order to show. */
  readonly settings: Readonly<Record<string, string | number | boolean>>
  /** Measures on the held-out rows. */
  readonly results: readonly { readonly measure: string; readonly before?: number; readonly after?: number }[]
  readonly curves?: Curves
}

/** What a card says of one export beyond the run. */
export interface CardDetails {
  /** The method's own name. */
  readonly method: string
  /** The file that other programs are given, where it is one. */
  readonly file?: string
  /** What the Hub is to file it under. */
  readonly tags?: readonly string[]
  /** Sections of this format's own, after the one on its use. */
  readonly sections?: readonly string[]
}

/** The last part of a path, so that no one's folders are published. */
const baseLabel = (name: string): string => hubIdOf(name) ?? name.split(/[\\/]+/).findLast(Boolean) ?? 'a local model'

interface FormatCard {
  readonly introduction: (method: string, base: string) => string
  /** Fields that the Hugging Face Hub reads. */
  readonly fields: (facts: CardFacts, tags: readonly string[]) => FrontMatter
  readonly ending?: string
}

const runsAlone = (method: string, base: string): string =>
  `${base}, fine-tuned with ${method}. The training's result is part of these weights.`
const needsBase = (method: string, base: string): string =>
  `An adapter for ${base}, trained with ${method}. It needs the base model to run.`

const library =
  (name: string) =>
  ({ base }: CardFacts, tags: readonly string[]): FrontMatter => ({
    base_model: hubIdOf(base.name),
    library_name: name,
    license: base.licence,
    pipeline_tag: 'text-generation',
    tags: tags.length > 0 ? tags : undefined,
  })

const peftFields: FormatCard['fields'] = ({ base }, tags) => {
  const id = hubIdOf(base.name)
  const all = [...(id ? [`base_model:adapter:${id}`] : []), ...tags, 'transformers'].sort()
  return { base_model: id, library_name: 'peft', pipeline_tag: 'text-generation', tags: all }
}

const cards: Readonly<Record<ExportFormat, FormatCard>> = {
  peft: {
    introduction: needsBase,
    fields: peftFields,
    ending: `### Framework versions\n\n- PEFT ${PEFT_VERSION}`,
  },
  adapterhub: { introduction: needsBase, fields: library('adapters') },
  'merged-hf': { introduction: runsAlone, fields: library('transformers') },
  gguf: { introduction: runsAlone, fields: library('gguf') },
  'gguf-lora': { introduction: needsBase, fields: library('gguf') },
  ollama: { introduction: runsAlone, fields: library('gguf') },
  onnx: { introduction: runsAlone, fields: library('onnxruntime') },
}

function results({ results, startedFrom }: CardFacts): string {
  if (results.length === 0) return 'The run measured nothing on held-out rows.'
  return table(
    // Before a run that goes on means: as trained so far.
    ['on held-out rows', startedFrom === undefined ? 'before' : 'at its start', 'after'],
    results.map(({ measure, before, after }) => [measure, number(before), number(after)]),
  )
}

function sections(format: ExportFormat, facts: CardFacts, details: CardDetails): string[] {
  const { title, software, base, data, settings, runId, startedFrom, curves } = facts
  const { name: baseModelName, ggufFile } = base
  const { method, file } = details
  const usage = {
    folder: 'path/to/this/folder',
    baseModelName,
    runId,
    ...(ggufFile && { ggufFile }),
    ...(file && { file }),
  }
  const licence = base.licence ? `${plain(base.licence)}, the licence of the base model` : 'that of the base model'
  const curve = curves ? curveText(curves) : ''
  return [
    `# ${plain(title)}`,
    cards[format].introduction(method, plain(baseLabel(base.name))),
    `Made with ${plain(software)}.${startedFrom === undefined ? '' : ` Training went on from ${plain(startedFrom)}.`}`,
    '## Data',
    table(
      ['dataset', 'training rows', 'validation rows', 'fingerprint'],
      [[data.name, data.rows, data.validationRows, data.fingerprint]],
    ),
    '## Settings',
    table(['setting', 'value'], Object.entries(settings)),
    '## Results',
    results(facts),
    ...(curve ? ['### Loss in nats per token', curve] : []),
    '## Use',
    usageMarkdown(format, usage),
    ...(details.sections ?? []),
    '## Licence',
    `The terms are ${licence}; those of the training data may add to them.`,
  ]
}

/** README.md of an export: what it is, what it was made of and how, what came out, how to use it, under which terms. */
export function modelCard(format: ExportFormat, facts: CardFacts, details: CardDetails): string {
  const { fields, ending } = cards[format]
  const parts = [frontMatter(fields(facts, details.tags ?? [])), ...sections(format, facts, details)]
  return `${[...parts, ...(ending ? [ending] : [])].join('\n\n')}\n`
}
