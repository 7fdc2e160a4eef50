export { architectureFor, nameInFile, type GgufArchitecture, type TensorName } from './architectures'
export { writableTypes, type GgufTensorType } from './blocks/formats'
export { resolveLayout, toFileLayout, turnedShape, type TensorLayout } from './layouts'
export { openGgufAdapter, type GgufAdapter, type LowRankUpdate } from './open-adapter'
export { openGgufCheckpoint, type GgufCheckpoint } from './open-gguf'
export type { GgufMetadata } from './header/read-header'
export {
  f32,
  f32s,
  flag,
  flags,
  i32s,
  stored,
  text,
  texts,
  u32,
  type GgufEntries,
  type GgufTyped,
} from './write/metadata'
export { writeGguf, type GgufTensorToWrite } from './write/write-gguf'
