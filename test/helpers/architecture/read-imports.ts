import { posix } from 'node:path'
import ts from 'typescript'
import type { SourceTree } from './source-tree'

/** A Vue component's script blocks; their imports are those of any other module. */
function scriptOf(path: string, text: string): string {
  if (!path.endsWith('.vue')) return text
  return [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map((block) => block[1]).join('\n')
}

/** The node that holds the specifier, for every way in which a file can name another. */
function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isExternalModuleReference(node)) return node.expression
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  if (!ts.isCallExpression(node)) return undefined
  const { expression, arguments: args } = node
  const loads = expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === 'require'
  return loads ? args[0] : undefined
}

/** The specifiers of a file in order: import, import type, export from, import(), import('…').Type and require. */
export function readImports(path: string, text: string): readonly string[] {
  const found: string[] = []
  const source = ts.createSourceFile(path, scriptOf(path, text), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** A file of the tree, or `npm` and `node:` packages by name. */
export type Import = { readonly file: string } | { readonly npm: string }

/** `@orpc/client/fetch` → `@orpc/client`, `node:fs/promises` → `node:*`. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:*'
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function resolve(tree: SourceTree, from: string, specifier: string): Import {
  if (!specifier.startsWith('.')) return { npm: packageOf(specifier) }
  const base = posix.join(posix.dirname(from), specifier)
  // What is not in the tree (styles, pictures) still belongs to a folder, and so to a module.
  const file = [base, `${base}.ts`, `${base}/index.ts`].find((path) => tree.has(path)) ?? base
  return { file }
}

/** What each file of the tree imports. */
export function importsOf(tree: SourceTree): ReadonlyMap<string, readonly Import[]> {
  return new Map(
    [...tree].map(([path, text]) => [path, readImports(path, text).map((name) => resolve(tree, path, name))]),
  )
}
