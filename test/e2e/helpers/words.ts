type Tree = { readonly [key: string]: string | Tree }

/** The messages of a language by their full names. */
export function leaves(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : leaves(value, `${prefix}${key}.`),
  )
}

/** Every text and every name in a page's accessibility tree, as Playwright prints it. */
export function saidWords(snapshot: string): string[] {
  return snapshot.split('\n').flatMap((line) => {
    const names = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '')
    const text = /: ([^"].*)$/.exec(line)?.[1]
    return text === undefined ? names : [...names, text]
  })
}
