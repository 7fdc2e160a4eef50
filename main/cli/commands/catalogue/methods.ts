import type { Locale, MethodInfo, ParameterInfo, Text } from '../../../../preload/contract'
import { listMethods, parameterSchema } from '../../../models'
import { exitCodes, usageError } from '../../exit'
import { table, wrap } from '../../format'
import { say, type CommandSpec, type Options } from '../../session'

/** How a text is said: in which language, and in how many characters a line, which in Chinese are two columns wide. */
interface Speech {
  readonly locale: Locale
  readonly width: number
}

const headings = {
  steps: { en: 'how it works', zh: '步骤' },
  strengths: { en: 'strengths', zh: '优点' },
  weaknesses: { en: 'weaknesses', zh: '缺点' },
  example: { en: 'for example', zh: '举例' },
  memory: { en: 'takes memory', zh: '占用内存' },
  places: { en: 'changes', zh: '作用位置' },
} as const satisfies Record<string, Text>

const rangeOf = ({ type, min, max, choices, default: value }: ParameterInfo): string => {
  const bounds = min !== undefined && max !== undefined ? ` ${min} … ${max}` : ''
  return `${choices ? choices.join(' | ') : `${type}${bounds}`}, otherwise ${String(value)}`
}

/** A text whose lines after the first stand under its beginning. */
function bullet(mark: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrap(text, width - mark.length)
  return [mark + first, ...rest.map((line) => ' '.repeat(mark.length) + line)]
}

function part(heading: Text, texts: readonly Text[], { locale, width }: Speech, numbered = false): string[] {
  const mark = (index: number): string => (numbered ? `  ${index + 1}. ` : '  · ')
  return ['', heading[locale], ...texts.flatMap((text, index) => bullet(mark(index), text[locale], width))]
}

function parameterLines(parameter: ParameterInfo, { locale, width }: Speech): string[] {
  const { name, label, explanation, when } = parameter
  const only = when ? ` (only with ${when.parameter}=${String(when.is)})` : ''
  return [
    '',
    `--set ${name}=…  ${label[locale]}: ${rangeOf(parameter)}${only}`,
    ...bullet('  ', explanation[locale], width),
  ]
}

function detailLines(info: MethodInfo, speech: Speech): string[] {
  const { locale, width } = speech
  const { learningRate } = info
  return [
    `${info.name[locale]}  (--method ${info.id})`,
    ...wrap(info.summary[locale], width),
    '',
    `trains         ${info.trainableFormula[locale]}`,
    `tasks          ${info.tasks.join(', ')}`,
    `exports        ${info.exports.join(', ')}`,
    `merges         ${info.mergeable ? 'yes' : 'no'}`,
    `learning rate  ${learningRate.low} … ${learningRate.high}, otherwise ${learningRate.default}`,
    ...info.parameters.flatMap((parameter) => parameterLines(parameter, speech)),
    ...part(
      headings.places,
      info.places.map(({ what }) => what),
      speech,
    ),
    ...part(headings.steps, info.steps, speech, true),
    ...part(headings.memory, info.memory, speech),
    ...part(headings.strengths, info.strengths, speech),
    ...part(headings.weaknesses, info.weaknesses, speech),
    ...part(headings.example, [info.example], speech),
    '',
    ...info.papers.flatMap(({ title, url }) => [title, `  ${url}`]),
  ]
}

function localeOf(options: Options): Locale {
  const { lang = 'en' } = options
  if (lang === 'en' || lang === 'zh') return lang
  throw usageError(`methods: --lang: expected en or zh, got "${String(lang)}"`)
}

function overviewLines(methods: readonly MethodInfo[], locale: Locale): string[] {
  const rows = methods.map(({ id, parameters, summary }) => [
    id,
    parameters.map(({ name }) => name).join(' ') || '–',
    summary[locale],
  ])
  return table([['method', 'parameters', 'what it does'], ...rows])
}

export const methodsCommand: CommandSpec = {
  usage: 'methods [method]',
  summary: 'list the methods, or explain one and its parameters',
  configure: (command) =>
    command
      .option('--lang <en|zh>', 'the language of the words (en)')
      .option('--schema', "the method's parameters as JSON Schema, for editors and forms"),
  async run(session, [id], options) {
    const methods = listMethods()
    const locale = localeOf(options)
    if (id === undefined) {
      if (options['schema']) throw usageError('methods: --schema: expected the name of a method before it, got none')
      say(session, 'methods', { methods }, overviewLines(methods, locale))
      return exitCodes.ok
    }
    const info = methods.find((method) => method.id === id)
    if (!info)
      throw usageError(`methods: expected one of ${methods.map((method) => method.id).join(', ')}, got "${id}"`)
    const columns = session.terminal.columns
    const width = locale === 'zh' ? Math.floor(columns / 2) : columns
    const schema = options['schema'] ? parameterSchema(id, locale) : undefined
    const lines = schema ? [JSON.stringify(schema, undefined, 2)] : detailLines(info, { locale, width })
    say(session, 'method', schema ? { schema } : { method: info }, lines)
    return exitCodes.ok
  },
}
