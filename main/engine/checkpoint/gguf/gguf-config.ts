import { architectureOf } from './architectures'
import { createModelKeys } from './config/keys'
import type { GgufHeader } from './header/read-header'

/**
 * What config.json would say of the model in a GGUF file, as `defineModel` and transformers read it.
 * @param ropeDivisors the values of the tensor `rope_freqs.weight`, where there is one
 * @throws GraftError 'architecture-unknown', 'config-invalid' where a key is missing, 'unsupported' for a variant
 */
export function ggufConfig(
  file: string,
  header: GgufHeader,
  ropeDivisors?: Float32Array,
): Readonly<Record<string, unknown>> {
  const architecture = architectureOf(file, header.metadata)
  const keys = createModelKeys(file, header, architecture.name, ropeDivisors)
  const { className, modelTypes } = architecture
  return { architectures: [className], model_type: modelTypes[0], ...architecture.config(keys) }
}
