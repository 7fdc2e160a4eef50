import { GraftError } from '../errors'

/** `3` or `3-5`, both ends included. */
const RANGE = /^(\d+)(?:\s*[-–]\s*(\d+))?$/

/**
 * The layers that a text such as "0, 3-5" names, in ascending order, each once; none for an empty text.
 * @param parameter whose text it is
 * @throws GraftError `invalid-argument` for another text, or a layer that the model has not
 */
export function parseLayerList(text: string, layers: number, parameter: string): number[] {
  const wrong = (expected: string, entry: string): GraftError => {
    const message = `${parameter}: expected ${expected}, got "${entry}"; correct the layers`
    return new GraftError('invalid-argument', message, { parameter })
  }
  const parse = (entry: string): number[] => {
    const [, low, high = low] = RANGE.exec(entry) ?? []
    if (low === undefined) throw wrong('layers such as "0, 3-5"', entry)
    const [first, last] = [Number(low), Number(high)]
    if (first > last || last >= layers) throw wrong(`layers from 0 to ${layers - 1}, the lower one first`, entry)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }
  const entries = text.split(/[,;，；]/).map((entry) => entry.trim())
  return [...new Set(entries.filter(Boolean).flatMap(parse))].sort((a, b) => a - b)
}
