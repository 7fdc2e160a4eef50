import { writeSafetensors, type Json } from '../checkpoint'
import { ADAPTER_CONFIG, HUB_NAME, HUB_VERSION, HUB_WEIGHTS, hubIdOf } from '../methods'
import type { AppliedMethod, ModelDefinition, ReadTensor } from '../nn'
import { adapterMetadata, adapterTensors } from './adapter-tensors'
import { refuseFormat, requireFormat } from './export-format'
import { jsonText } from './json'
import { adapterHubCard, type CardFacts } from './model-card'
import { textFile, writeExport, type ExportedFile, type ExportTarget } from './target'

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

/** The whole adapter_config.json: the settings, and what they are for. */
function fileConfig({ method, model, config, card }: AdapterHubExport): Json {
  const architectures = config['architectures']
  return {
    config: method.adapter?.config,
    hidden_size: model.config.hiddenSize,
    model_class: Array.isArray(architectures) ? (architectures[0] as unknown) : null,
    model_name: hubIdOf(card.base.name) ?? null,
    model_type: config['model_type'] ?? null,
    name: HUB_NAME,
    version: HUB_VERSION,
  }
}

/**
 * Writes a folder that AdapterHub's `model.load_adapter` loads: weights, card, adapter_config.json.
 * @throws GraftError `export-failed` where the method has no adapter in this format or a weight is no number; whatever
 * the target throws. Nothing is left behind then.
 */
export async function exportAdapterHub(input: AdapterHubExport): Promise<ExportedFile[]> {
  const { method, read, card, target, baseFingerprint } = input
  requireFormat(method, 'adapterhub')
  const tensors = adapterTensors(method.adapter ?? refuseFormat(method, 'adapterhub'), read)
  return writeExport(target, [
    { name: HUB_WEIGHTS, write: (sink) => writeSafetensors(sink, tensors, adapterMetadata(baseFingerprint)) },
    textFile('README.md', adapterHubCard(method.info.name.en, card)),
    textFile(ADAPTER_CONFIG, withFloat(jsonText(fileConfig(input)))),
  ])
}
