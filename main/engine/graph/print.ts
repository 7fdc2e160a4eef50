import { shapeText, type Graph, type Node, type Value } from './graph'

const attributeText = (node: Node): string => {
  const entries = Object.entries(node.attributes).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return entries.length ? ` {${entries.join(', ')}}` : ''
}

/**
 * The graph as text, values renumbered in order of appearance: two graphs that compute the same thing in the same order
 * print the same, whatever built them. Serves people, snapshots and as the identity of a segment.
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Value, string>()
  const name = (value: Value): string => {
    const known = names.get(value) ?? `%${names.size}`
    names.set(value, known)
    return known
  }
  const typed = (value: Value): string => `${name(value)}: ${value.dtype} ${shapeText(value.shape)}`
  const lines = graph.inputs.map((port) => `input ${port.name} = ${typed(port.value)}`)
  for (const node of graph.nodes) {
    const args = node.inputs.map(name).join(', ')
    lines.push(`${node.outputs.map(typed).join(', ')} = ${node.op}(${args})${attributeText(node)}`)
  }
  for (const port of graph.outputs) lines.push(`output ${port.name} = ${name(port.value)}`)
  return lines.join('\n')
}

/** FNV-1a, 32 bits, eight hexadecimal digits: short names for long texts, not for security. */
export function shortHash(text: string): string {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(16).padStart(8, '0')
}
