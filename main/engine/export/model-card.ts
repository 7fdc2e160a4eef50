import { hubIdOf, PEFT_VERSION } from '../methods'
import type { ExportFormat } from './export-format'
import { graftUsage, pythonUsage } from './usage'

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
}

type YamlValue = string | readonly string[]

/** Words that YAML reads as something other than text. */
const reserved = /^(y|n|yes|no|true|false|on|off|null)$/i
const yamlText = (text: string): string =>
  /^[A-Za-z][\w./:-]*$/.test(text) && !text.endsWith(':') && !reserved.test(text) ? text : JSON.stringify(text)

function frontMatter(fields: Readonly<Record<string, YamlValue | undefined>>): string {
  const lines = Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (typeof value === 'string') return [`${key}: ${yamlText(value)}`]
    return [`${key}:`, ...value.map((item) => `- ${yamlText(item)}`)]
  })
  return ['---', ...lines, '---'].join('\n')
}

/** One line without marks that would end a cell or begin markup: titles and file names are a person's own text. */
const plain = (value: string | number | boolean): string =>
  String(value)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\|`*_<>[\]]/g, '\\$&')

function table(head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(plain)))].join('\n')
}

/** The last part of a path, so that no one's folders are published. */
const baseLabel = (name: string): string => hubIdOf(name) ?? name.split(/[\\/]+/).findLast(Boolean) ?? 'a local model'

const number = (value: number | undefined): string => (value === undefined ? '' : String(Number(value.toPrecision(5))))

const needsBase = (method: string, base: string): string =>
  `An adapter for ${base}, trained with ${method}. It needs the base model to run.`

const introductions: Record<ExportFormat, (method: string, base: string) => string> = {
  peft: needsBase,
  adapterhub: needsBase,
  'merged-hf': (method, base) => `${base}, fine-tuned with ${method}. The training's result is part of these weights.`,
}

function results({ results, startedFrom }: CardFacts): string {
  if (results.length === 0) return 'The run measured nothing on held-out rows.'
  return table(
    // Before a run that goes on means: as trained so far.
    ['on held-out rows', startedFrom === undefined ? 'before' : 'at its start', 'after'],
    results.map(({ measure, before, after }) => [measure, number(before), number(after)]),
  )
}

function body(format: ExportFormat, method: string, facts: CardFacts): string {
  const { title, software, base, data, settings, runId, startedFrom } = facts
  const { name: baseModelName, ggufFile } = base
  const usage = { folder: 'path/to/this/folder', baseModelName, runId, ...(ggufFile && { ggufFile }) }
  const licence = base.licence ? `${plain(base.licence)}, the licence of the base model` : 'that of the base model'
  return [
    `# ${plain(title)}`,
    introductions[format](method, plain(baseLabel(base.name))),
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
    '## Use',
    `\`\`\`python\n${pythonUsage(format, usage)}\n\`\`\``,
    `In Graft:\n\n\`\`\`sh\n${graftUsage(format, usage)}\n\`\`\``,
    '## Licence',
    `The terms are ${licence}; those of the training data may add to them.`,
  ].join('\n\n')
}

/** README.md of an adapter folder, with the fields that the Hugging Face Hub and PEFT read. */
export function adapterCard(method: string, tags: readonly string[], facts: CardFacts): string {
  const id = hubIdOf(facts.base.name)
  const allTags = [...(id ? [`base_model:adapter:${id}`] : []), ...tags, 'transformers'].sort()
  const fields = { base_model: id, library_name: 'peft', pipeline_tag: 'text-generation', tags: allTags }
  const versions = `### Framework versions\n\n- PEFT ${PEFT_VERSION}`
  return `${frontMatter(fields)}\n\n${body('peft', method, facts)}\n\n${versions}\n`
}

/** README.md of an adapter folder, with the fields that AdapterHub reads. */
export function adapterHubCard(method: string, facts: CardFacts): string {
  const fields = { base_model: hubIdOf(facts.base.name), library_name: 'adapters', pipeline_tag: 'text-generation' }
  return `${frontMatter(fields)}\n\n${body('adapterhub', method, facts)}\n`
}

/** README.md of a merged model's folder. */
export function mergedCard(method: string, facts: CardFacts): string {
  const { name, licence } = facts.base
  const fields = {
    base_model: hubIdOf(name),
    library_name: 'transformers',
    license: licence,
    pipeline_tag: 'text-generation',
  }
  return `${frontMatter(fields)}\n\n${body('merged-hf', method, facts)}\n`
}
