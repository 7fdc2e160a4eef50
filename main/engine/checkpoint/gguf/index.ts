export { openGgufCheckpoint, type GgufCheckpoint } from './open-gguf'
export type { GgufMetadata } from './header/read-header'
