import { GraftError } from '../../errors'
import { elementCount, encodeFloats, DTYPE_BYTES, type ByteSource } from '../../tensor'
import type { Checkpoint } from '../open-checkpoint'
import { checkTarget, rowRange } from '../ranges'
import { quote } from '../strict-json'
import { architectureOf, nameInModel } from './architectures'
import { ggufConfig } from './gguf-config'
import { ggufError } from './header/header-cursor'
import { readGgufHeader, type GgufHeader, type GgufMetadata, type GgufTensor } from './header/read-header'
import { resolveLayout, toModelLayout, turnedShape, type TensorLayout } from './layouts'
import { readElements } from './read-tensor'

/** The weights of a GGUF file under Hugging Face's names and in its layout, and all else that the file says. */
export interface GgufCheckpoint extends Checkpoint {
  /** What config.json would say. */
  readonly config: Readonly<Record<string, unknown>>
  /** Tokenizer and chat template among other things. */
  readonly ggufMetadata: GgufMetadata
  /** Type and value of one key, as the file has them: what another file takes over. Undefined for a key it lacks. */
  readMetadata(key: string): Promise<Uint8Array | undefined>
}

/** Half of a head's width: no model comes near, and a hostile file cannot make the header large. */
const MAX_ROPE_DIVISORS = 4096

interface Weight extends GgufTensor {
  readonly name: string
  /** Of the rows in the file, where they are not as the model has them. */
  readonly layout: TensorLayout | undefined
}

/** The model's weights by Hugging Face's names, in the order of the data. */
function collectWeights(file: string, header: GgufHeader): Map<string, Weight> {
  const architecture = architectureOf(file, header.metadata)
  const weights = new Map<string, Weight>()
  for (const [stored, tensor] of header.tensors) {
    const known = nameInModel(architecture, stored)
    if (!known) continue
    const place = { file, architecture: architecture.name, metadata: header.metadata, tensor: stored }
    const layout = resolveLayout(known.layout, { ...place, shape: tensor.shape })
    weights.set(known.name, { ...tensor, name: known.name, layout })
  }
  return weights
}

const shapeOf = ({ layout, shape }: Weight): readonly number[] => turnedShape(layout, shape)

async function readWhole(source: ByteSource, weight: Weight, target: Float32Array): Promise<Float32Array> {
  await readElements(source, weight, 0, target)
  const values = toModelLayout(weight.layout, target, weight.shape)
  if (values !== target) target.set(values)
  return target
}

/** A whole tensor is read where a row is not where it seems to be, or does not begin a block. */
async function readPart(
  source: ByteSource,
  weight: Weight,
  first: number,
  target: Float32Array,
): Promise<Float32Array> {
  if (
    weight.layout === undefined &&
    first % weight.format.elements === 0 &&
    target.length % weight.format.elements === 0
  ) {
    await readElements(source, weight, first, target)
    return target
  }
  const whole = await readWhole(source, weight, new Float32Array(elementCount(weight.shape)))
  target.set(whole.subarray(first, first + target.length))
  return target
}

/** The values as bytes of `info(name).dtype`: what another file would store. */
async function readAsBytes(source: ByteSource, weight: Weight): Promise<Uint8Array> {
  const values = await readWhole(source, weight, new Float32Array(elementCount(weight.shape)))
  const { dtype } = weight.format
  const buffer = new ArrayBuffer(values.length * DTYPE_BYTES[dtype])
  encodeFloats(dtype, values, buffer)
  return new Uint8Array(buffer)
}

async function readRopeDivisors(source: ByteSource, header: GgufHeader): Promise<Float32Array | undefined> {
  const tensor = header.tensors.get('rope_freqs.weight')
  if (!tensor) return undefined
  const count = elementCount(tensor.shape)
  if (count > MAX_ROPE_DIVISORS)
    throw ggufError(source.name, `rope_freqs.weight with at most ${MAX_ROPE_DIVISORS} divisors`, `${count}`)
  const divisors = new Float32Array(count)
  await readElements(source, tensor, 0, divisors)
  return divisors
}

/**
 * Opens a GGUF file as a base model: its header is read and checked, no weight is. Quantised tensors come out as the
 * float32 values that they stand for; `info` calls them F16, and `readBytes` rounds them to it. The source stays in use
 * and is closed by its owner.
 * @throws GraftError 'checkpoint-header' where the file breaks the format, 'unsupported' and 'architecture-unknown' where
 * it is whole but cannot be used, 'config-invalid' where it says too little of its model
 */
export async function openGgufCheckpoint(source: ByteSource): Promise<GgufCheckpoint> {
  const header = await readGgufHeader(source)
  const weights = collectWeights(source.name, header)
  const config = ggufConfig(source.name, header, await readRopeDivisors(source, header))
  const labelOf = (name: string): string => `${source.name}, tensor ${quote(name)}`
  const find = (name: string): Weight => {
    const weight = weights.get(name)
    if (weight) return weight
    const message = `${source.name}: expected a tensor for ${quote(name)}, got none; this file is of another model`
    throw new GraftError('checkpoint-mismatch', message, { file: source.name, tensor: name })
  }
  return {
    names: [...weights.keys()],
    metadata: {},
    files: [source.name],
    bytes: source.size,
    config,
    ggufMetadata: header.metadata,
    async readMetadata(key) {
      const place = header.places.get(key)
      if (!place) return undefined
      const bytes = new Uint8Array(place.end - place.begin)
      await source.read(place.begin, bytes)
      return bytes
    },
    has: (name) => weights.has(name),
    info: (name) => {
      const weight = find(name)
      const { dtype, name: storedAs } = weight.format
      return { dtype, storedAs, shape: shapeOf(weight) }
    },
    readFloat32: async (name, target) => {
      const elements = elementCount(find(name).shape)
      return readWhole(source, find(name), checkTarget(labelOf(name), target, elements))
    },
    readRows: async (name, first, count, target) => {
      const [start, length] = rowRange(labelOf(name), shapeOf(find(name)), first, count)
      return readPart(source, find(name), start, checkTarget(labelOf(name), target, length))
    },
    readBytes: async (name) => readAsBytes(source, find(name)),
  }
}
