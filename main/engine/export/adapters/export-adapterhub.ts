import { writeSafetensors, type Json } from '../../checkpoint'
import { ADAPTER_CONFIG, HUB_HEAD, HUB_NAME, HUB_VERSION, HUB_WEIGHTS, hubIdOf } from '../../methods'
import type { AppliedMethod, ModelDefinition, ReadTensor, StoredTensor } from '../../nn'
import { adapterMetadata, storedTensors } from './adapter-tensors'
import { refuseFormat, requireFormat } from '../export-format'
import { jsonText } from '../json'
import { modelCard, type CardFacts } from '../card/model-card'
import { textFile, writeExport, type ExportedFile, type ExportFile, type ExportTarget } from '../target'

export interface AdapterHubExport {
  readonly method: AppliedMethod
  readonly model: ModelDefinition
  /** The base model's config.json. */
  readonly config: Json
  /** Reads the method's trained tensors. */
  readonly read: ReadTensor
  /** What tells the base model from others, for whoever trains on with the adapter. */
  readonly baseFingerprint?: string
  readonly card: CardFacts
  readonly target: ExportTarget
}

const FIELD = /^(\s*"scaling": -?\d+)(?=,?$)/m

/** `4` and `4.0` are one number in JSON and two types in Python, where the library knows a float as a scaling and no integer. */
const withFloat = (text: string): string => text.replace(FIELD, '$1.0')

/** What every file of the folder says it is for. */
const about = ({ model, config, card }: AdapterHubExport): Json => ({
  hidden_size: model.config.hiddenSize,
  model_class: model.transformersClass,
  model_name: hubIdOf(card.base.name) ?? null,
  model_type: config['model_type'] ?? null,
  version: HUB_VERSION,
})

/** The head of a classification, where one was trained: weights, and which class is which. */
function headFiles(input: AdapterHubExport, head: readonly StoredTensor[] | undefined): ExportFile[] {
  const { model, read } = input
  if (!head || model.task.kind !== 'sequence-classification') return []
  const { labels } = model.task
  const config = {
    ...about(input),
    config: null,
    name: null,
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    num_labels: labels.length,
  }
  const tensors = storedTensors(head, read)
  return [
    { name: HUB_HEAD, write: (sink) => writeSafetensors(sink, tensors) },
    textFile('head_config.json', jsonText(config)),
  ]
}

/**
 * Writes a folder that AdapterHub's `model.load_adapter` loads: weights, card, adapter_config.json.
 * @throws GraftError `export-failed` where the method has no adapter in this format or a weight is no number; whatever
 * the target throws. Nothing is left behind then.
 */
export async function exportAdapterHub(input: AdapterHubExport): Promise<ExportedFile[]> {
  const { method, read, card, target, baseFingerprint } = input
  requireFormat(method, 'adapterhub')
  const adapter = method.adapter ?? refuseFormat(method, 'adapterhub')
  const tensors = storedTensors(adapter.tensors, read)
  const config = jsonText({ ...about(input), config: adapter.config, name: HUB_NAME })
  return writeExport(target, [
    { name: HUB_WEIGHTS, write: (sink) => writeSafetensors(sink, tensors, adapterMetadata(baseFingerprint)) },
    ...headFiles(input, adapter.head),
    textFile('README.md', modelCard('adapterhub', card, { method: method.info.name.en })),
    textFile(ADAPTER_CONFIG, withFloat(config)),
  ])
}
