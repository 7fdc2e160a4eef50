import { ADAPTER_WEIGHTS, unsupportedFields } from '../peft/peft-format'
import type { Task } from '../../nn'
import type { AdapterLayout } from './adapter-layout'

const tasks: Readonly<Record<string, Task['kind']>> = {
  CAUSAL_LM: 'causal-lm',
  SEQ_CLS: 'sequence-classification',
}

/** PEFT's folder, which this program writes too. */
export const peftLayout: AdapterLayout = {
  library: 'PEFT',
  weights: ADAPTER_WEIGHTS,
  pickle: 'adapter_model.bin',
  advice: 'save it again with a current PEFT',
  recognises: (config) => 'peft_type' in config,
  unsupported: unsupportedFields,
  task: (config) => tasks[String(config['task_type'])],
  baseName: (config) => config['base_model_name_or_path'],
  namesIn: (_file, tensors) => tensors,
  // The base's own embedding beside an adapter that touches it: the base has it already.
  isIgnored: (tensor) => /\.base_layer\.(weight|bias)$/.test(tensor),
}
