import { gguf, type Json } from '../../checkpoint'
import { GraftError } from '../../errors'
import { ropeDivisors, storedForm } from '../../models'
import type { ModelDefinition, WeightSpec } from '../../nn'
import { checkWeights } from '../../plan'
import type { FileSource } from '../../tensor'
import { tokenizerMetadata, type ChatTemplate, type Tokenizer } from '../../text'
import { checkValues } from '../check-values'
import { requireFormat } from '../export-format'
import { mergeWeights, type MergeInput } from '../merged-weights'
import { modelCard, type CardFacts } from '../card/model-card'
import { textFile, writeExport, type ExportedFile, type ExportFile, type ExportTarget } from '../target'
import { generalEntries, inheritedEntries, modelEntries, tokenizerEntries } from './model-metadata'
import { tensorType } from './tensor-types'

export interface GgufExport extends MergeInput {
  readonly model: ModelDefinition
  /** The base model's weights; of a GGUF file they bring all that it says, which is taken over. */
  readonly checkpoint: MergeInput['checkpoint'] & Parameters<typeof checkWeights>[1] & Partial<gguf.GgufCheckpoint>
  /** The base model's config.json. */
  readonly config: Json
  /** The base model's folder, for its tokenizer. */
  readonly files: FileSource
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  /** Of the matrices; `tensorType` says which tensors have another. */
  readonly type: gguf.GgufTensorType
  /** Texts as the model was trained on them: the written tokenizer must read them alike. */
  readonly probes: readonly string[]
  readonly card: CardFacts
  readonly target: ExportTarget
  /** Called before each tensor; what it throws (a cancellation) ends the export. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Parts of a title that may stand in a file's name everywhere. */
export const slug = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48) || 'model'

/** As people name these files: what it is, and how it is packed. */
export const ggufFileName = (title: string, type: gguf.GgufTensorType): string => `${slug(title)}.${type}.gguf`

/** @throws GraftError `export-failed` for a family that the format has no words for */
export function requireArchitecture(config: Json): gguf.GgufArchitecture {
  const type = String(config['model_type'])
  const architecture = gguf.architectureFor(type)
  if (architecture) return architecture
  const message = `GGUF: model_type: expected a family that the format has names for, got ${type}; export a merged folder instead`
  throw new GraftError('export-failed', message, { found: type })
}

/** How a weight lies in the file. */
export interface PlacedWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly layout: gguf.TensorLayout | undefined
}

/** @throws GraftError `export-failed` for a weight that has no place in the file */
export function placeWeight(
  architecture: gguf.GgufArchitecture,
  config: ModelDefinition['config'],
  weight: Pick<WeightSpec, 'name' | 'shape'>,
): PlacedWeight {
  const found = gguf.nameInFile(architecture, weight.name)
  if (!found) {
    const message = `GGUF: ${weight.name}: expected a weight that ${architecture.name} has a place for, got none; export a merged folder instead`
    throw new GraftError('export-failed', message, { tensor: weight.name })
  }
  const heads = { 'attention.head_count': config.heads, 'attention.head_count_kv': config.kvHeads }
  const metadata = new Map(Object.entries(heads).map(([key, count]) => [`${architecture.name}.${key}`, count]))
  const place = { file: 'GGUF', architecture: architecture.name, metadata, tensor: found.name, shape: weight.shape }
  const layout = gguf.resolveLayout(found.layout, place)
  return { name: found.name, shape: gguf.turnedShape(layout, weight.shape), layout }
}

function weightTensors(input: GgufExport, architecture: gguf.GgufArchitecture): gguf.GgufTensorToWrite[] {
  const { model, type: wanted, onProgress } = input
  const merged = mergeWeights(input)
  let done = 0
  return model.weights.map((weight) => {
    const form = storedForm(weight)
    const { name, shape, layout } = placeWeight(architecture, model.config, { ...weight, shape: form.shape })
    const type = tensorType(wanted, name, shape)
    const data = async (): Promise<Float32Array> => {
      onProgress?.(done++, model.weights.length)
      // A quantised block's scale is a half.
      const values = checkValues(
        name,
        type === 'F32' || type === 'BF16' ? type : 'F16',
        await merged.values(weight.name),
      )
      return gguf.toFileLayout(layout, form.values(values), form.shape)
    }
    return { name, shape, type, data }
  })
}

/** Divisors of the rotary frequencies, where no key can say how they are scaled. */
function ropeTensors({ config }: ModelDefinition): gguf.GgufTensorToWrite[] {
  const [rotation] = Object.values(config.rotations)
  const divisors = rotation && ropeDivisors(rotation, config.headDim)
  return divisors ? [{ name: 'rope_freqs.weight', shape: [divisors.length], type: 'F32', data: () => divisors }] : []
}

async function metadataOf(input: GgufExport, architecture: gguf.GgufArchitecture): Promise<gguf.GgufEntries> {
  const { model, checkpoint, card, type, files, tokenizer, template, probes } = input
  const general = generalEntries(card, type)
  if (checkpoint.readMetadata && checkpoint.ggufMetadata) {
    const inherited = await inheritedEntries(checkpoint as gguf.GgufCheckpoint)
    // Where the file had none, the model was trained with the one built in.
    const template_ = ['tokenizer.chat_template', gguf.text(template.source)] as const
    return new Map([...inherited.slice(0, 1), ...general, template_, ...inherited.slice(1)])
  }
  const rows = model.config.vocabSize
  const tokenizerParts = await tokenizerMetadata({ files, tokenizer, template, rows, probes })
  return new Map([
    ['general.architecture', gguf.text(architecture.name)],
    ...general,
    ...modelEntries(architecture, model.config),
    ...tokenizerEntries(tokenizerParts),
  ])
}

/** The file itself, for whoever puts it beside others. @throws as `exportGguf` does before anything is written */
export async function ggufFile(input: GgufExport): Promise<ExportFile> {
  const { model, checkpoint, card, type, config } = input
  checkWeights(model, checkpoint)
  const architecture = requireArchitecture(config)
  const tensors = [...ropeTensors(model), ...weightTensors(input, architecture)]
  const entries = await metadataOf(input, architecture)
  return { name: ggufFileName(card.title, type), write: (sink) => gguf.writeGguf(sink, entries, tensors) }
}

/**
 * Writes the model with the method folded in as one GGUF file that llama.cpp and what is built on it run: weights,
 * tokenizer, chat template. A card stands beside it.
 * @throws GraftError `export-failed` where the method cannot be merged, the tokenizer or the family cannot be said in the
 * format, or a weight does not fit its type; whatever the target throws. Nothing is left behind then.
 */
export async function exportGguf(input: GgufExport): Promise<ExportedFile[]> {
  const { method, card, target } = input
  requireFormat(method, 'gguf')
  const file = await ggufFile(input)
  return writeExport(target, [
    textFile('README.md', modelCard('gguf', card, { method: method.info.name.en, file: file.name })),
    file,
  ])
}
