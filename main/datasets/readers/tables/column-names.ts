export interface NamedColumn {
  readonly name: string
  /** Why the column is not called as its header says; undefined where it is. */
  readonly fault?: { readonly code: 'empty-header' | 'duplicate-header'; readonly message: string }
}

/** Names the columns of a table by its header. A missing or repeated name is replaced, so that its column is not lost. */
export function nameColumns(headers: readonly string[]): NamedColumn[] {
  const columns: NamedColumn[] = []
  for (const [index, header] of headers.entries()) {
    const taken = (name: string): boolean => columns.some((column) => column.name === name)
    const name = freeName(header === '' ? `column ${index + 1}` : header, taken, headers)
    const what = header === '' ? `column ${index + 1} has no name` : `the column name "${header}" is there twice`
    const code = header === '' ? 'empty-header' : 'duplicate-header'
    const fault = { code, message: `${what}; the column is called "${name}" here` } as const
    columns.push(name === header ? { name } : { name, fault })
  }
  return columns
}

function freeName(wanted: string, taken: (name: string) => boolean, all: readonly string[]): string {
  if (!taken(wanted)) return wanted
  let number = 2
  while (taken(`${wanted} (${number})`) || all.includes(`${wanted} (${number})`)) number++
  return `${wanted} (${number})`
}

/** A row of texts as JSON. Written by hand because an object would move columns with numbers as names to the front. */
export function textRow(columns: readonly string[], values: readonly string[]): string {
  return `{${columns.map((name, index) => `${JSON.stringify(name)}:${JSON.stringify(values[index] ?? '')}`).join(',')}}`
}
