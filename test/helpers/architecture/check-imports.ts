import { importsOf, type Import } from './read-imports'
import type { SourceTree } from './source-tree'

/** One row of the import table. */
export interface Row {
  readonly row: string
  /** Folders or files; a last part `*` makes each folder there a module of its own. */
  readonly modules: readonly string[]
  /** The modules they may import, besides what is their own; written as `modules` are. */
  readonly imports: readonly string[]
  /** The packages they may import; `node:*` is all of Node's own. */
  readonly packages: readonly string[]
  /** Modules of which they may import any file; all others only through their index.ts, where there is one. */
  readonly insides?: readonly string[]
}

interface Module {
  readonly name: string
  readonly row: Row
}

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** `a/b/*` → `a/b/c` for a path below `a/b/c`. */
function moduleName(path: string, pattern: string): string | undefined {
  if (!pattern.endsWith('/*')) return within(path, pattern) ? pattern : undefined
  const parent = pattern.slice(0, -2)
  if (!within(path, parent) || path === parent) return undefined
  const [first] = path.slice(parent.length + 1).split('/')
  return `${parent}/${first}`
}

/** The module that a file lies in: the innermost one that the table names. */
function moduleOf(table: readonly Row[], path: string): Module | undefined {
  const found = table.flatMap((row) =>
    row.modules.flatMap((pattern) => {
      const name = moduleName(path, pattern)
      return name ? [{ name, row }] : []
    }),
  )
  return found.sort((a, b) => b.name.length - a.name.length)[0]
}

const described = ({ name, row }: Module): string => `row ${row.row} (${name})`

const listed = (names: readonly string[]): string => names.join(', ') || 'nothing'

function checkPackage(from: Module, name: string): string | undefined {
  if (from.row.packages.includes(name)) return undefined
  return `${described(from)} may import the packages ${listed(from.row.packages)}`
}

function checkFile(table: readonly Row[], tree: SourceTree, from: Module, file: string): string | undefined {
  const to = moduleOf(table, file)
  if (!to) return 'it lies outside every row of the table'
  if (to.name === from.name) return undefined
  if (!from.row.imports.some((pattern) => moduleName(to.name, pattern) === to.name))
    return `${described(from)} may not import ${described(to)}, only ${listed(from.row.imports)}`
  const index = `${to.name}/index.ts`
  if (!tree.has(index) || file === index || from.row.insides?.includes(to.name)) return undefined
  return `${described(from)} may import ${to.name} only through ${index}`
}

function checkImport(table: readonly Row[], tree: SourceTree, path: string, target: Import): string | undefined {
  const from = moduleOf(table, path)
  if (!from) return undefined
  const reason = 'npm' in target ? checkPackage(from, target.npm) : checkFile(table, tree, from, target.file)
  return reason && `${path} imports ${'npm' in target ? target.npm : target.file}: ${reason}`
}

/** Every import that the table does not allow, and every file that it does not know, as sentences. */
export function findForbiddenImports(table: readonly Row[], tree: SourceTree): string[] {
  const homeless = [...tree.keys()].filter((path) => !moduleOf(table, path))
  return [
    ...homeless.map((path) => `${path}: expected a row for its folder in the import table; add one`),
    ...[...importsOf(tree)].flatMap(([path, targets]) =>
      targets.flatMap((target) => checkImport(table, tree, path, target) ?? []),
    ),
  ]
}
