import { GraftError } from '../../errors'

function wrong(expected: string, got: string): GraftError {
  const message = `leave_out: expected ${expected}, got ${got}; correct the layers`
  return new GraftError('invalid-argument', message, { parameter: 'leave_out' })
}

/** `3` or `3-5`, both ends included. */
function parseRange(entry: string, layers: number): number[] {
  const [, low, high = low] = /^(\d+)(?:\s*[-–]\s*(\d+))?$/.exec(entry) ?? []
  if (low === undefined) throw wrong('layers such as "0, 3-5"', `"${entry}"`)
  const [first, last] = [Number(low), Number(high)]
  if (first > last || last >= layers) throw wrong(`layers from 0 to ${layers - 1}, the lower one first`, `"${entry}"`)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/**
 * The layers that a text such as "0, 3-5" names, in ascending order, each once; none for an empty text.
 * @throws GraftError `invalid-argument` for another text, a layer that the model has not, or where no layer is left
 */
export function parseLayers(text: string, layers: number): number[] {
  const entries = text.split(/[,;，；]/).map((entry) => entry.trim())
  const named = new Set(entries.filter(Boolean).flatMap((entry) => parseRange(entry, layers)))
  if (named.size === layers) throw wrong('at least one layer to be left for an adapter', `all ${layers}`)
  return [...named].sort((a, b) => a - b)
}

/** The text for such layers, neighbours written as a range. */
export function layersText(layers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const layer of [...new Set(layers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last?.[1] === layer - 1) last[1] = layer
    else ranges.push([layer, layer])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')
}
