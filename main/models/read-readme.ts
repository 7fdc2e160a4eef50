/** What a model's README.md says of itself. */
export interface ReadmeFacts {
  readonly title?: string
  readonly licence?: string
}

/** Reads the first heading and the `license` line of the front matter; a README that has neither says nothing. */
export function readReadme(text: string): ReadmeFacts {
  const [, front = '', body = text] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text) ?? []
  const licence = /^license:[ \t]*['"]?([^'"\r\n]+?)['"]?[ \t]*$/m.exec(front)?.[1]
  const title = /^#[ \t]+(.+?)[ \t]*$/m.exec(body)?.[1]
  return { ...(title && { title }), ...(licence && { licence }) }
}
