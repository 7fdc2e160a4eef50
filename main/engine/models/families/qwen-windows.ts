import type { ConfigReader } from '../config/config-reader'
import { readWindows } from '../config/read-decoder'

/** Qwen's files name a window but mostly do not use it; where they do, the layers from `max_window_layers` on slide. */
export function readUpperWindows(config: ConfigReader, layers: number): readonly number[] {
  const used = config.boolean('use_sliding_window', false) && config.has('sliding_window')
  const window = used ? config.integer('sliding_window') : 0
  const lowest = config.number('max_window_layers', 28)
  return readWindows(config, layers, window, (layer) => layer >= lowest)
}
