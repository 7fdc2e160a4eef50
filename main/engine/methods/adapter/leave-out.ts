import { GraftError } from '../../errors'
import { parseLayerList } from '../layer-list'

/**
 * The layers that a text such as "0, 3-5" leaves out.
 * @throws GraftError `invalid-argument` for another text, a layer that the model has not, or where no layer is left
 */
export function parseLayers(text: string, layers: number): number[] {
  const named = parseLayerList(text, layers, 'leave_out')
  if (named.length < layers) return named
  const message = `leave_out: expected at least one layer to be left for an adapter, got all ${layers}; correct the layers`
  throw new GraftError('invalid-argument', message, { parameter: 'leave_out' })
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
