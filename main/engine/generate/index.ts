export { createAdapterRack, type AdapterRack, type RackAdapter } from './adapter-rack'
export { CHUNK, createCachedDecoder, type CachedDecoderOptions } from './cached-decoder'
export { createGenerator, type Generated, type GenerationEnd, type Generator, type GeneratorOptions } from './generator'
export type { GenerationSettings } from './settings'
