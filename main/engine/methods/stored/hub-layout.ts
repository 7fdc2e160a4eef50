import type { TensorFile } from '../../checkpoint'
import { GraftError } from '../../errors'
import type { AdapterLayout } from './adapter-layout'

export const HUB_WEIGHTS = 'adapter.safetensors'
export const HUB_HEAD = 'model_head.safetensors'

/** `model.layers.0.output_adapters.adapters.NAME.adapter_up.bias`, with the model's own prefix or, of a bare model, none. */
const key = /^(?:model\.|transformer\.)?(.+\.adapters)\.([^.]+)\.(.+)$/

/** A tensor's place in the model, whatever the adapter is called and however deep the saved model was wrapped. */
const placeOf = (tensor: string): string => tensor.replace(key, '$1.*.$3')

/**
 * The file's name of each tensor: an adapter may be called as people like, and its name is part of every tensor's.
 * @throws GraftError `checkpoint-mismatch` where the file holds several adapters
 */
function namesIn(file: TensorFile, tensors: readonly string[]): string[] {
  const adapters = [...new Set(file.names.flatMap((name) => key.exec(name)?.[2] ?? []))]
  if (adapters.length > 1) {
    const message = `${HUB_WEIGHTS}: expected one adapter, got ${adapters.join(', ')}; save each in a folder of its own`
    throw new GraftError('checkpoint-mismatch', message, { adapters })
  }
  const byPlace = new Map(file.names.map((name) => [placeOf(name), name]))
  return tensors.map((tensor) => byPlace.get(placeOf(tensor)) ?? tensor)
}

/**
 * The folder of AdapterHub's `adapters`: its adapter_config.json wraps the settings in `config`. What else it may hold is
 * passed over: the prediction head where it is the frozen one of a language model, and adapter_interface.json, which says
 * where that library finds the layers.
 */
export const hubLayout: AdapterLayout = {
  library: 'AdapterHub',
  weights: HUB_WEIGHTS,
  head: HUB_HEAD,
  pickle: 'pytorch_adapter.bin',
  advice: 'save it again with save_adapter(..., use_safetensors=True)',
  recognises: (config) => 'config' in config,
  // What is not computed is known by who reads the settings.
  unsupported: () => [],
  // Heads are saved apart, and an adapter may go with either: only a classifier's is certain.
  task: (config) =>
    String(config['model_class']).endsWith('ForSequenceClassification') ? 'sequence-classification' : undefined,
  baseName: (config) => config['model_name'],
  namesIn,
  isIgnored: () => false,
}
