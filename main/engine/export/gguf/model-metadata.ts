import { gguf } from '../../checkpoint'
import { hubIdOf } from '../../methods'
import type { ModelConfig } from '../../nn'
import type { TokenizerEntries } from '../../text'
import type { CardFacts } from '../card/model-card'
import { fileTypes } from './tensor-types'

type Entry = readonly [key: string, value: gguf.GgufTyped]

/** The version of the quantised types' layout. */
const QUANTISATION_VERSION = 2

const quantised = (type: gguf.GgufTensorType): boolean => type.startsWith('Q')

/** What the file is and where it comes from. */
export function generalEntries({ title, base }: CardFacts, type: gguf.GgufTensorType): Entry[] {
  const hub = hubIdOf(base.name)
  const origin: Entry[] = hub
    ? [
        ['general.base_model.count', gguf.u32(1)],
        ['general.base_model.0.name', gguf.text(hub.split('/').at(-1) ?? hub)],
        ['general.base_model.0.organization', gguf.text(hub.split('/')[0] ?? '')],
        ['general.base_model.0.repo_url', gguf.text(`https://huggingface.co/${hub}`)],
      ]
    : []
  return [
    ['general.type', gguf.text('model')],
    ['general.name', gguf.text(title)],
    ...(base.licence ? [['general.license', gguf.text(base.licence)] as Entry] : []),
    ...origin,
    ['general.file_type', gguf.u32(fileTypes[type])],
    ...(quantised(type) ? [['general.quantization_version', gguf.u32(QUANTISATION_VERSION)] as Entry] : []),
  ]
}

/** Of the rotation of full layers, the first that a family names, and of sliding ones; nothing where positions are learned. */
function ropeEntries({ rotations, headDim }: ModelConfig): Entry[] {
  const [rope, sliding] = Object.values(rotations)
  if (!rope) return []
  const scaling: Entry[] =
    rope.scaling?.type === 'linear'
      ? [
          ['rope.scaling.type', gguf.text('linear')],
          ['rope.scaling.factor', gguf.f32(rope.scaling.factor)],
        ]
      : []
  return [
    ['rope.dimension_count', gguf.u32(headDim)],
    ['rope.freq_base', gguf.f32(rope.theta)],
    ...(sliding ? [['rope.freq_base_swa', gguf.f32(sliding.theta)] as Entry] : []),
    ...scaling,
  ]
}

/** How far layers see. Where no key can say so, the context ends where the first of them would lose sight. */
function reachEntries({ slides }: gguf.GgufArchitecture, { windows, contextLength }: ModelConfig): Entry[] {
  const narrow = windows.filter((window) => window > 0)
  if (narrow.length === 0 || !slides) return [['context_length', gguf.u32(Math.min(contextLength, ...narrow))]]
  return [
    ['context_length', gguf.u32(contextLength)],
    ['attention.sliding_window', gguf.u32(Math.min(...narrow))],
    ['attention.sliding_window_pattern', gguf.flags(windows.map((window) => window > 0))],
  ]
}

/** Hyper-parameters of the model, as its architecture's keys say them. */
export function modelEntries(architecture: gguf.GgufArchitecture, config: ModelConfig): Entry[] {
  const numbers: Readonly<Record<string, number>> = {
    vocab_size: config.vocabSize,
    embedding_length: config.hiddenSize,
    block_count: config.layers,
    feed_forward_length: config.intermediateSize,
    'attention.head_count': config.heads,
    'attention.head_count_kv': config.kvHeads,
    'attention.key_length': config.headDim,
    'attention.value_length': config.headDim,
  }
  const entries: readonly Entry[] = [
    ...Object.entries(numbers).map(([key, value]): Entry => [key, gguf.u32(value)]),
    [architecture.epsilonKey, gguf.f32(config.normEpsilon)],
    ...reachEntries(architecture, config),
    ...ropeEntries(config),
  ]
  return entries.map(([key, value]) => [`${architecture.name}.${key}`, value])
}

/** The tokenizer's values with their types in the file. */
export function tokenizerEntries(entries: TokenizerEntries): Entry[] {
  const typed = (value: TokenizerEntries extends ReadonlyMap<string, infer V> ? V : never): gguf.GgufTyped => {
    if (typeof value === 'string') return gguf.text(value)
    if (typeof value === 'number') return gguf.u32(value)
    if (typeof value === 'boolean') return gguf.flag(value)
    if (value instanceof Int32Array) return gguf.i32s(value)
    if (value instanceof Float32Array) return gguf.f32s(value)
    return gguf.texts(value)
  }
  return [...entries].map(([key, value]) => [key, typed(value)])
}

/** What a new file says otherwise than the one that its base came in. */
const replaced = [/^general\.(type|name|license|file_type|quantization_version|alignment)$/, /^general\.base_model\./]

/** All that a GGUF base says of model and tokenizer, byte for byte: no reading could keep it better. */
export async function inheritedEntries(base: gguf.GgufCheckpoint): Promise<Entry[]> {
  const keys = [...base.ggufMetadata.keys()].filter((key) => !replaced.some((pattern) => pattern.test(key)))
  const entries: Entry[] = []
  for (const key of keys) {
    const bytes = await base.readMetadata(key)
    if (bytes) entries.push([key, gguf.stored(bytes)])
  }
  return entries
}
