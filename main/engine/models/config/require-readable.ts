import { GraftError } from '../../errors'
import type { Json } from './config-reader'

/**
 * Refuses weights that are stored in a way that no reader here undoes: some of these would be read as numbers, but as wrong
 * ones. bitsandbytes' 4 bits are read as what they stand for.
 * @throws GraftError `unsupported`
 */
export function requireReadable(json: Json): void {
  const quantisation = json['quantization_config']
  if (typeof quantisation !== 'object' || quantisation === null) return
  const { quant_method: method, load_in_4bit: fourBit } = quantisation as Json
  const isBitsandbytes = method === 'bitsandbytes' || method === undefined
  if (isBitsandbytes && fourBit === true) return
  const found = isBitsandbytes ? 'bitsandbytes in 8 bits' : String(method)
  const message = `config.json: quantization_config: expected none, or bitsandbytes in 4 bits, got ${found}; get the unquantised model, or a GGUF file of it`
  throw new GraftError('unsupported', message, { found })
}
