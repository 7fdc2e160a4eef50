/** Index of the quote that ends the string that starts at `start`, or -1. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
  return -1
}

function isFollowedByColon(text: string, end: number): boolean {
  let at = end + 1
  while (' \t\n\r'.includes(text[at] ?? ':')) at++
  return text[at] === ':'
}

/**
 * Checks what JSON.parse does not: depth and repeated keys. One linear pass with a stack of at most `maxDepth`;
 * everything else about the grammar is left to JSON.parse.
 */
function checkStructure(text: string, maxDepth: number): void {
  // One entry for each open bracket: the keys of an object so far, or undefined for an array.
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = stringEnd(text, at)
      if (end < 0) throw new SyntaxError('a string without an end')
      const keys = open.at(-1)
      if (keys && isFollowedByColon(text, end)) {
        const key: unknown = JSON.parse(text.slice(at, end + 1))
        if (keys.has(String(key))) throw new SyntaxError(`the key ${quote(key)} twice`)
        keys.add(String(key))
      }
      at = end
    }
    if (open.length > maxDepth) throw new SyntaxError(`more than ${maxDepth} levels of brackets`)
  }
}

/**
 * JSON with no repeated key and at most `maxDepth` levels of brackets. Throws SyntaxError, with a message that says
 * what was found. The depth is checked before anything is built, so that hostile nesting costs no memory.
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  checkStructure(text, maxDepth)
  return JSON.parse(text)
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value of unknown origin, short enough for a message. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= 100 ? text : `${text.slice(0, 97)}…`
}
