import { resolve } from 'node:path'
import type { ModelRef } from '../../preload/contract'

/** What the registry needs to know of the installation. */
export interface ModelPlaces {
  /** The embedded starter model. */
  readonly starterDir: string
}

/** The folder in which a model's files lie, or its GGUF file, absolute; whether it is there is for `inspectModel` to say. */
export function resolveModelDir(ref: ModelRef, places: ModelPlaces): string {
  return ref.kind === 'starter' ? places.starterDir : resolve(ref.path)
}
