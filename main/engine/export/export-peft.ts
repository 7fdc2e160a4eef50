import { writeSafetensors } from '../checkpoint'
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, peftConfig, peftType } from '../methods'
import type { AppliedMethod, ReadTensor } from '../nn'
import { adapterMetadata, storedTensors } from './adapters/adapter-tensors'
import { refuseFormat, requireFormat } from './export-format'
import { jsonText } from './json'
import { modelCard, type CardFacts } from './card/model-card'
import { textFile, writeExport, type ExportedFile, type ExportTarget } from './target'

export interface PeftExport {
  readonly method: AppliedMethod
  /** Reads the method's trained tensors, and what is derived of them. */
  readonly read: ReadTensor
  /** What tells the base model from others, for whoever trains on with the adapter. */
  readonly baseFingerprint?: string
  readonly card: CardFacts
  readonly target: ExportTarget
}

/**
 * Writes a folder that PEFT's `PeftModel.from_pretrained` loads: weights, card, adapter_config.json.
 * @throws GraftError `export-failed` where the method has no adapter in this format or a weight is no number; whatever
 * the target throws. Nothing is left behind then.
 */
export async function exportPeft({ method, read, card, target, baseFingerprint }: PeftExport): Promise<ExportedFile[]> {
  requireFormat(method, 'peft')
  const adapter = method.adapter ?? refuseFormat(method, 'peft')
  const tensors = storedTensors(adapter.tensors, read)
  const metadata = adapterMetadata(baseFingerprint)
  return writeExport(target, [
    { name: ADAPTER_WEIGHTS, write: (sink) => writeSafetensors(sink, tensors, metadata) },
    textFile(
      'README.md',
      modelCard('peft', card, { method: method.info.name.en, tags: peftType(adapter.config).tags }),
    ),
    textFile(ADAPTER_CONFIG, jsonText(peftConfig(adapter.config, card.base.name))),
  ])
}
