export { formatName, refusalOf, requireExport, type ExportBase, type Refusal } from './exports/export-rules'
export { loadGgufAdapter, type LoadedGgufAdapter } from './gguf/load-gguf-adapter'
export { disabled, findMethod, methodFromAdapter, methodInfos, methods, type MethodChoice } from './method-list'
export { loadAdapter, readAdapterMethod, type LoadedAdapter } from './stored/load-adapter'
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
export { HUB_NAME, HUB_VERSION } from './adapter/hub-config'
export { HUB_HEAD, HUB_WEIGHTS } from './stored/hub-layout'
export { withOwnSlots } from './stored/with-own-slots'
export { resolveValues } from './values'
