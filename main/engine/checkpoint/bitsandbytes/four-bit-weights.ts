import { GraftError } from '../../errors'
import {
  codebooks,
  dequantiseFourBit,
  DTYPE_BYTES,
  dynamicMap,
  elementCount,
  encodeFloats,
  tensorBytes,
  type BlockScales,
  type FourBitTensor,
} from '../../tensor'
import { checkTarget, rowRange } from '../ranges'
import { quote } from '../strict-json'
import type { TensorFile } from '../tensor-file'
import { parseQuantState, type QuantState } from './quant-state'

/** Behind a weight's name: its state as JSON text. */
const STATE = /^(.+)\.quant_state\.bitsandbytes__(?:nf4|fp4)$/
/** Behind a weight's name: the numbers that go with its packed bytes. */
const PARTS = ['absmax', 'quant_map', 'nested_absmax', 'nested_quant_map']

/** Far more than the text of a state. */
const MAX_STATE_BYTES = 10_000

function mismatch(tensor: string, expected: string, got: string): GraftError {
  const message = `tensor ${quote(tensor)}: expected ${expected}, got ${got}; the file is damaged or of another version of bitsandbytes, get it again`
  return new GraftError('checkpoint-mismatch', message, { tensor })
}

async function readStates(file: TensorFile): Promise<Map<string, QuantState>> {
  const states = new Map<string, QuantState>()
  for (const name of file.names) {
    const weight = STATE.exec(name)?.[1]
    if (weight === undefined) continue
    const { dtype, shape } = file.info(name)
    const bytes = tensorBytes(dtype, shape)
    if (bytes > MAX_STATE_BYTES) throw mismatch(name, `at most ${MAX_STATE_BYTES} bytes`, String(bytes))
    states.set(weight, parseQuantState(name, await file.readBytes(name)))
  }
  return states
}

/** Other levels than those that are computed with would give other weights, without a word. */
async function requireMap(file: TensorFile, name: string, expected: Float32Array): Promise<void> {
  const found = await file.readFloat32(name)
  if (found.length === expected.length && found.every((value, i) => value === expected[i])) return
  throw mismatch(name, `bitsandbytes' own ${expected.length} levels`, 'others')
}

function requireLength(name: string, expected: number, got: number): void {
  if (got !== expected) throw mismatch(name, `${expected} numbers`, String(got))
}

async function readScales(file: TensorFile, name: string, state: QuantState): Promise<BlockScales> {
  const blocks = Math.ceil(elementCount(state.shape) / state.blockSize)
  const { nestedOffset: offset } = state
  if (offset === undefined) {
    const scales = await file.readFloat32(`${name}.absmax`)
    requireLength(`${name}.absmax`, blocks, scales.length)
    return scales
  }
  const [codes, absmax] = [await file.readBytes(`${name}.absmax`), await file.readFloat32(`${name}.nested_absmax`)]
  requireLength(`${name}.absmax`, blocks, codes.length)
  requireLength(`${name}.nested_absmax`, Math.ceil(blocks / 256), absmax.length)
  await requireMap(file, `${name}.nested_quant_map`, dynamicMap)
  return { codes, absmax, offset }
}

async function readPacked(file: TensorFile, name: string, state: QuantState): Promise<FourBitTensor> {
  const { type, blockSize, shape } = state
  const [length, packed] = [elementCount(shape), await file.readBytes(name)]
  if (packed.length !== Math.ceil(length / 2))
    throw mismatch(name, `${Math.ceil(length / 2)} bytes`, String(packed.length))
  await requireMap(file, `${name}.quant_map`, codebooks[type].codes)
  return { type, blockSize, length, packed, scales: await readScales(file, name, state) }
}

/**
 * Weights that bitsandbytes stored in 4 bits, as ordinary float tensors: packed bytes, scales and states of a weight are
 * one tensor, whose numbers are float32 and whose type is the one that it had before. Other files are given back as they
 * are. Reads the states, no weight.
 * Source: bitsandbytes' QuantState.as_dict and Linear4bit._save_to_state_dict.
 * @throws GraftError `checkpoint-header`, `unsupported`
 */
export async function presentFourBit<File extends TensorFile>(file: File): Promise<File> {
  const states = await readStates(file)
  if (states.size === 0) return file
  /** It goes with a weight, and is none itself. */
  const isPart = (name: string): boolean =>
    STATE.test(name) || PARTS.some((part) => name.endsWith(`.${part}`) && states.has(name.slice(0, -part.length - 1)))
  const readWhole = async (name: string, state: QuantState, given?: Float32Array): Promise<Float32Array> => {
    const target = checkTarget(`tensor ${quote(name)}`, given, elementCount(state.shape))
    return dequantiseFourBit(await readPacked(file, name, state), target)
  }
  return {
    ...file,
    names: file.names.filter((name) => !isPart(name)),
    has: (name) => !isPart(name) && file.has(name),
    info(name) {
      const state = states.get(name)
      if (!state) return file.info(name)
      return { dtype: state.dtype, storedAs: state.type.toUpperCase(), shape: state.shape }
    },
    async readFloat32(name, target) {
      const state = states.get(name)
      return state ? readWhole(name, state, target) : file.readFloat32(name, target)
    },
    async readRows(name, first, count, target) {
      const state = states.get(name)
      if (!state) return file.readRows(name, first, count, target)
      const [start, length] = rowRange(`tensor ${quote(name)}`, state.shape, first, count)
      const into = checkTarget(`tensor ${quote(name)}`, target, length)
      into.set((await readWhole(name, state)).subarray(start, start + length))
      return into
    },
    async readFourBit(name) {
      const state = states.get(name)
      return state && readPacked(file, name, state)
    },
    async readBytes(name) {
      const state = states.get(name)
      if (!state) return file.readBytes(name)
      const values = await readWhole(name, state)
      const buffer = new ArrayBuffer(values.length * DTYPE_BYTES[state.dtype])
      encodeFloats(state.dtype, values, buffer)
      return new Uint8Array(buffer)
    },
  }
}
