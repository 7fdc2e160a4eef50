import type { ColumnMapping, Dataset } from '../../../preload/contract'

export type Role = 'none' | 'system' | 'input' | 'answer'
export type Roles = Readonly<Record<string, Role>>

const hints: readonly { readonly role: Role; readonly pattern: RegExp }[] = [
  {
    role: 'answer',
    pattern: /answer|output|response|completion|label|target|reply|sentiment|category|verdict|class|答|标签|输出/i,
  },
  { role: 'system', pattern: /^system/i },
  { role: 'input', pattern: /question|prompt|input|text|instruction|query|review|context|问|输入|文本/i },
]

/** A first guess from the columns' names: at most one answer and one system column. */
export function guessRoles(columns: readonly string[]): Roles {
  const roles: Record<string, Role> = Object.fromEntries(columns.map((column) => [column, 'none']))
  for (const { role, pattern } of hints) {
    const fitting = columns.filter((column) => roles[column] === 'none' && pattern.test(column))
    for (const column of role === 'input' ? fitting : fitting.slice(0, 1)) roles[column] = role
  }
  return roles
}

/** What the columns are filled in with: what was chosen, else what the file suggests, else a guess. */
export function firstRoles({ columns, mapping, suggestedMapping }: Dataset): Roles {
  const known = mapping ?? suggestedMapping
  return known ? rolesOf(columns, known) : guessRoles(columns)
}

/** Gives a column its role; answer and system are held by one column at a time. */
export function assignRole(roles: Roles, column: string, role: Role): Roles {
  const exclusive = role === 'answer' || role === 'system'
  const freed = Object.entries(roles).map(([name, old]) => [name, exclusive && old === role ? 'none' : old] as const)
  return { ...Object.fromEntries(freed), [column]: role }
}

/** The mapping that the roles amount to; undefined while there is no input or no answer. */
export function toMapping(roles: Roles, instruction: string): ColumnMapping | undefined {
  const having = (role: Role): string[] => Object.keys(roles).filter((column) => roles[column] === role)
  const input = having('input')
  const [answer] = having('answer')
  const [system] = having('system')
  if (input.length === 0 || answer === undefined) return undefined
  return {
    form: 'mapped',
    input,
    answer,
    ...(system === undefined ? {} : { system }),
    ...(instruction.trim() === '' ? {} : { instruction: instruction.trim() }),
  }
}

/** The roles of a mapping that was chosen earlier. */
export function rolesOf(columns: readonly string[], mapping: ColumnMapping): Roles {
  const role = (column: string): Role => {
    if (column === mapping.answer) return 'answer'
    if (column === mapping.system) return 'system'
    return mapping.input.includes(column) ? 'input' : 'none'
  }
  return Object.fromEntries(columns.map((column) => [column, role(column)]))
}
