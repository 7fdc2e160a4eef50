export type YamlValue = string | readonly string[]
export type FrontMatter = Readonly<Record<string, YamlValue | undefined>>

/** Words that YAML reads as something other than text. */
const reserved = /^(y|n|yes|no|true|false|on|off|null)$/i
const yamlText = (text: string): string =>
  /^[A-Za-z][\w./:-]*$/.test(text) && !text.endsWith(':') && !reserved.test(text) ? text : JSON.stringify(text)

/** The head of a card, which the Hugging Face Hub reads. */
export function frontMatter(fields: FrontMatter): string {
  const lines = Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (typeof value === 'string') return [`${key}: ${yamlText(value)}`]
    return [`${key}:`, ...value.map((item) => `- ${yamlText(item)}`)]
  })
  return ['---', ...lines, '---'].join('\n')
}

/** One line without marks that would end a cell or begin markup: titles and file names are a person's own text. */
export const plain = (value: string | number | boolean): string =>
  String(value)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\|`*_<>[\]]/g, '\\$&')

export function table(head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(plain)))].join('\n')
}

/** Five digits, nothing for what was not measured. */
export const number = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(5)))

export const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``
