import { GraftError } from '../../errors'
import { elementCount, type ByteSource } from '../../tensor'
import { quote } from '../strict-json'
import { architectureOf, nameInModel } from './architectures'
import { ggufError } from './header/header-cursor'
import { readGgufHeader, type GgufHeader, type GgufTensor } from './header/read-header'
import { resolveLayout, toModelLayout } from './layouts'
import { readElements } from './read-tensor'

/** W + scale · B A for one weight of the model. */
export interface LowRankUpdate {
  /** Hugging Face's name of W. */
  readonly weight: string
  readonly rank: number
  readonly inFeatures: number
  readonly outFeatures: number
  readonly scale: number
  /** A, [rank, in] */
  readA(): Promise<Float32Array>
  /** B, [out, rank], its rows in the model's order */
  readB(): Promise<Float32Array>
}

export interface GgufAdapter {
  readonly architecture: string
  readonly updates: readonly LowRankUpdate[]
}

/** Heads of the model that the adapter is for: an adapter's file does not say. */
export interface AdapterHeads {
  readonly heads: number
  readonly kvHeads: number
}

const ALPHA = 'adapter.lora.alpha'

function alphaOf(file: string, { metadata }: GgufHeader): number {
  const type = metadata.get('adapter.type')
  if (type !== 'lora') throw ggufError(file, 'adapter.type to be "lora"', quote(type))
  const alpha = metadata.get(ALPHA)
  if (typeof alpha === 'number' && Number.isFinite(alpha)) return alpha
  throw ggufError(file, `${ALPHA} to be a number`, quote(alpha))
}

async function readTensor(source: ByteSource, tensor: GgufTensor): Promise<Float32Array> {
  const values = new Float32Array(elementCount(tensor.shape))
  await readElements(source, tensor, 0, values)
  return values
}

/** Both halves of each weight, by the file's name of the weight. */
function pairsOf(file: string, { tensors }: GgufHeader): Map<string, readonly [a: GgufTensor, b: GgufTensor]> {
  const pairs = new Map<string, readonly [GgufTensor, GgufTensor]>()
  for (const name of tensors.keys()) {
    const [, base, half] = /^(.*)\.lora_([ab])$/.exec(name) ?? []
    if (base === undefined) throw ggufError(file, 'tensors of a LoRA adapter only', quote(name))
    const [a, b] = [tensors.get(`${base}.lora_a`), tensors.get(`${base}.lora_b`)]
    if (!a || !b) throw ggufError(file, `both halves of ${quote(base)}`, `only lora_${half}`)
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[0] !== b.shape[1])
      throw ggufError(
        file,
        `${quote(base)} with halves of one rank`,
        `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`,
      )
    pairs.set(base, [a, b])
  }
  return pairs
}

/**
 * Opens a LoRA adapter in GGUF: its header is read, no tensor is. An alpha of 0 means a scale of 1, else it is
 * alpha / rank; so does llama.cpp (src/llama-adapter.h).
 * @throws GraftError 'checkpoint-header' where the file breaks the format, 'unsupported' for a file that is no adapter,
 * 'architecture-unknown', 'checkpoint-mismatch' for a weight that the architecture does not have
 */
export async function openGgufAdapter(source: ByteSource, { heads, kvHeads }: AdapterHeads): Promise<GgufAdapter> {
  const header = await readGgufHeader(source, 'adapter')
  const file = source.name
  const architecture = architectureOf(file, header.metadata)
  const alpha = alphaOf(file, header)
  const counts = { 'attention.head_count': heads, 'attention.head_count_kv': kvHeads }
  const metadata = new Map(Object.entries(counts).map(([key, count]) => [`${architecture.name}.${key}`, count]))
  const updates = [...pairsOf(file, header)].map(([stored, [a, b]]): LowRankUpdate => {
    const known = nameInModel(architecture, stored)
    if (!known) {
      const message = `${file}: tensor ${quote(stored)}: expected a weight of ${architecture.name}, got another; the adapter is for another model`
      throw new GraftError('checkpoint-mismatch', message, { file, tensor: stored })
    }
    // A matrix that the model keeps turned is not turned here: A and B are what they are for y = x Wᵀ.
    const declared = known.layout?.kind === 'pairedRows' ? known.layout : undefined
    const place = { file, architecture: architecture.name, metadata, tensor: stored, shape: b.shape }
    const layout = resolveLayout(declared, place)
    const [[rank = 0, inFeatures = 0], [outFeatures = 0]] = [a.shape, b.shape]
    return {
      weight: known.name,
      rank,
      inFeatures,
      outFeatures,
      scale: alpha === 0 ? 1 : alpha / rank,
      readA: () => readTensor(source, a),
      readB: async () => toModelLayout(layout, await readTensor(source, b), b.shape),
    }
  })
  return { architecture: architecture.name, updates }
}
