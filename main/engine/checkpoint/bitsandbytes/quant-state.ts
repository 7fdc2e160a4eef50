import { GraftError } from '../../errors'
import { FOUR_BIT_BLOCKS, type FourBitType } from '../../tensor'
import { isJsonObject, quote } from '../strict-json'

/** What bitsandbytes writes of a weight in 4 bits, beside its numbers. */
export interface QuantState {
  readonly type: FourBitType
  readonly blockSize: number
  /** Of the weight before it was quantised. */
  readonly dtype: 'F32' | 'F16' | 'BF16'
  readonly shape: readonly number[]
  /** Of the scales, where they are quantised too: their mean. */
  readonly nestedOffset?: number
}

const dtypes: Readonly<Record<string, QuantState['dtype']>> = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' }

function fault(tensor: string, code: 'checkpoint-header' | 'unsupported', expected: string, got: unknown): GraftError {
  const advice = code === 'unsupported' ? 'get the unquantised model' : 'the file is damaged, get it again'
  const message = `${tensor}: 4-bit state: expected ${expected}, got ${quote(got)}; ${advice}`
  return new GraftError(code, message, { tensor })
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/**
 * The text of `X.weight.quant_state.bitsandbytes__nf4`.
 * @throws GraftError `checkpoint-header` where it is no such text, `unsupported` for what this program does not read
 */
export function parseQuantState(tensor: string, bytes: Uint8Array): QuantState {
  const json = parse(bytes)
  if (!isJsonObject(json)) throw fault(tensor, 'checkpoint-header', 'a JSON object', 'something else')
  const { quant_type: type, blocksize, dtype, shape, nested_blocksize: nested, nested_offset: offset } = json
  if (type !== 'nf4' && type !== 'fp4') throw fault(tensor, 'unsupported', 'nf4 or fp4', type)
  if (!FOUR_BIT_BLOCKS.some((size) => size === blocksize))
    throw fault(tensor, 'unsupported', `a block size of ${FOUR_BIT_BLOCKS.join(', ')}`, blocksize)
  const stored = typeof dtype === 'string' ? dtypes[dtype] : undefined
  if (!stored) throw fault(tensor, 'unsupported', `a dtype of ${Object.keys(dtypes).join(', ')}`, dtype)
  if (!Array.isArray(shape) || !shape.every(isSize)) throw fault(tensor, 'checkpoint-header', 'a shape', shape)
  const state = { type, blockSize: blocksize as number, dtype: stored, shape } as const
  if (nested === undefined) return state
  if (nested !== 256) throw fault(tensor, 'unsupported', 'a second-level block size of 256', nested)
  if (typeof offset !== 'number') throw fault(tensor, 'checkpoint-header', 'a number nested_offset', offset)
  return { ...state, nestedOffset: offset }
}
