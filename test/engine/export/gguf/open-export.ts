import type { gguf } from '../../../../main/engine/checkpoint'
import { openGgufCheckpoint, type GgufCheckpoint } from '../../../../main/engine/checkpoint'
import type { GgufExport } from '../../../../main/engine/export'
import { defineModel, modelWeights } from '../../../../main/engine/models'
import type { AppliedMethod, ReadTensor } from '../../../../main/engine/nn'
import { memorySource } from '../../../../main/engine/tensor'
import { ggufTokenizerFiles, jsonFiles, loadChatTemplate, loadTokenizer } from '../../../../main/engine/text'
import type { SmallModel } from '../../methods/small-session'
import { card, memoryTarget, type MemoryTarget } from '../targets'

/** What `exportGguf` needs of a small model; the target keeps the file in memory. */
export async function ggufInput(
  small: SmallModel,
  method: AppliedMethod,
  read: ReadTensor,
  type: gguf.GgufTensorType,
): Promise<GgufExport & { readonly target: MemoryTarget }> {
  const { model, checkpoint, json, files } = small
  const tokenizer = await loadTokenizer(files)
  const template = await loadChatTemplate(files, tokenizer)
  const probes = [
    template.render([{ role: 'user', content: 'Hello, what is 12 + 34?' }], { addGenerationPrompt: true }),
  ]
  const parts = { model, checkpoint, config: json, files, method, read, tokenizer, template }
  return { ...parts, type, probes, card, target: memoryTarget() }
}

/** A GGUF file in memory as the model that it is. */
export async function openGgufModel(bytes: Uint8Array): Promise<SmallModel & { readonly checkpoint: GgufCheckpoint }> {
  const checkpoint = await openGgufCheckpoint(memorySource('m.gguf', bytes))
  const json = checkpoint.config
  const files = jsonFiles({ ...ggufTokenizerFiles(checkpoint.ggufMetadata), 'config.json': json })
  const model = defineModel(json)
  return { files, json, model, checkpoint: modelWeights(model, checkpoint) }
}
