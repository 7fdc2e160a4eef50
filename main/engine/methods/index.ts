export { formatName, refusalOf, requireExport, type ExportBase, type Refusal } from './exports/export-rules'
export { loadGgufAdapter, type LoadedGgufAdapter } from './gguf/load-gguf-adapter'
export { disabled, findMethod, methodFromAdapter, methodInfos, methods, type MethodChoice } from './method-list'
export { loadPeftAdapter, readAdapterMethod, type LoadedAdapter } from './peft/load-peft-adapter'
export {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  BASE_FINGERPRINT,
  hubIdOf,
  PEFT_VERSION,
  peftConfig,
  peftType,
} from './peft/peft-format'
export { packTensor, storedAlike } from './peft/stored-tensors'
export { resolveValues } from './values'
