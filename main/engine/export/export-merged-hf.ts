import {
  planShards,
  readJsonFile,
  shardIndexText,
  writeSafetensors,
  type Checkpoint,
  type Json,
  type Shard,
  type TensorToWrite,
} from '../checkpoint'
import { storedForm } from '../models'
import type { AppliedMethod, ModelDefinition, ReadTensor } from '../nn'
import { checkWeights } from '../plan'
import { elementCount, isWritableFloatDtype, type Dtype, type FileSource, type WritableFloatDtype } from '../tensor'
import { checkValues } from './check-values'
import { requireFormat } from './export-format'
import { jsonText } from './json'
import { mergedConfig, mergedGenerationConfig, requireSayableRope } from './merged-config'
import { mergeWeights, type MergeBase } from './merged-weights'
import { modelCard, type CardFacts } from './card/model-card'
import { copiedFile, textFile, writeExport, type ExportedFile, type ExportFile, type ExportTarget } from './target'

/** Hugging Face's own limit for a weight file, in bytes. */
export const MAX_SHARD_BYTES = 5e9

export interface MergedExport {
  readonly model: ModelDefinition
  /** The base model's weights, as its slots hold them. */
  readonly checkpoint: Pick<Checkpoint, 'has' | 'info' | 'readFloat32' | 'readFourBit' | 'readBytes'>
  /** The base model's config.json. */
  readonly config: Json
  /** The base model's folder, for tokenizer and licence. */
  readonly files: FileSource
  readonly method: AppliedMethod
  /** Reads the method's trained tensors. */
  readonly read: ReadTensor
  readonly base?: MergeBase
  /** `base`: each tensor keeps the type it has in the base model. */
  readonly dtype: 'base' | WritableFloatDtype
  /** Ids that end an answer in the chat template. */
  readonly stopIds: readonly number[]
  /** What texts are padded with: a classifier's config.json says it. */
  readonly padId?: number
  readonly maxShardBytes?: number
  readonly card: CardFacts
  readonly target: ExportTarget
  /** Called before each tensor; what it throws (a cancellation) ends the export. */
  readonly onProgress?: (done: number, total: number) => void
}

type MergedTensor = TensorToWrite & { readonly dtype: WritableFloatDtype }

/** Copied as they are, where they exist. The licence's text must travel with the weights. */
const copiedNames = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'tokenizer.model',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
  'chat_template.json',
  'LICENSE',
  'NOTICE',
]

/** Types that are only read (float64, 8 bits) become float32. */
const writable = (stored: Dtype): WritableFloatDtype => (isWritableFloatDtype(stored) ? stored : 'F32')

/** Every tensor of the model in order, each made when it is written: one is in memory at a time. A tied head is none. */
function mergedTensors(input: MergedExport): MergedTensor[] {
  const { model, checkpoint, dtype: policy, onProgress } = input
  const merged = mergeWeights(input)
  let done = 0
  return model.weights.map((spec) => {
    const { name } = spec
    const form = storedForm(spec)
    // A head that was trained from nothing is in no checkpoint.
    const stored = checkpoint.has(name) ? checkpoint.info(name).dtype : 'F32'
    const dtype = policy === 'base' ? writable(stored) : policy
    const data = async (): Promise<Float32Array | Uint8Array> => {
      onProgress?.(done++, model.weights.length)
      const changed = await merged.changed(name)
      if (!changed && dtype === stored && !spec.storedTransposed) return checkpoint.readBytes(name)
      return checkValues(name, dtype, form.values(changed ?? (await checkpoint.readFloat32(name))))
    }
    return { name, shape: form.shape, dtype, data }
  })
}

/** The type of most of the weights: what config.json calls the model's type. */
function mainDtype(tensors: readonly MergedTensor[]): WritableFloatDtype {
  const counts = new Map<WritableFloatDtype, number>()
  for (const { dtype, shape } of tensors) counts.set(dtype, (counts.get(dtype) ?? 0) + elementCount(shape))
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), ['F32', 0] as const)[0]
}

function weightFiles(shards: readonly Shard<MergedTensor>[]): ExportFile[] {
  const files = shards.map(({ file, tensors }): ExportFile => ({
    name: file,
    write: (sink) => writeSafetensors(sink, tensors),
  }))
  if (shards.length > 1) files.push(textFile('model.safetensors.index.json', shardIndexText(shards)))
  return files
}

async function copiedFiles(files: FileSource): Promise<ExportFile[]> {
  const sources = await Promise.all(copiedNames.map(async (name) => ({ name, source: await files.open(name) })))
  return sources.flatMap(({ name, source }) => (source ? [copiedFile(name, source)] : []))
}

/**
 * Writes a folder that transformers' `from_pretrained` loads as a whole model: the base's weights with the method folded
 * in (summed in float64, then rounded), or the trained weights; tokenizer, chat template, configs and card.
 * @throws GraftError `export-failed` where the method cannot be merged or a weight does not fit its type,
 * `checkpoint-mismatch` where checkpoint and model differ; whatever the target throws. Nothing is left behind then.
 */
export async function exportMergedHf(input: MergedExport): Promise<ExportedFile[]> {
  const { model, checkpoint, config, method, card } = input
  requireFormat(method, 'merged-hf')
  requireSayableRope(model.config)
  checkWeights(model, checkpoint)
  const tensors = mergedTensors(input)
  const shards = planShards(tensors, input.maxShardBytes ?? MAX_SHARD_BYTES)
  const generation = mergedGenerationConfig(
    await readJsonFile(input.files, 'generation_config.json'),
    config,
    input.stopIds,
  )
  return writeExport(input.target, [
    ...weightFiles(shards),
    ...(await copiedFiles(input.files)),
    textFile('generation_config.json', jsonText(generation)),
    textFile('README.md', modelCard('merged-hf', card, { method: method.info.name.en })),
    textFile('config.json', jsonText(mergedConfig(config, mainDtype(tensors), model, input.padId))),
  ])
}
