import { GraftError } from '../errors'
import { withOwnSlots } from '../methods'
import type { AppliedMethod, ModelDefinition, ReadTensor } from '../nn'
import { createGenerator, type Generator, type GeneratorOptions } from './generator'

/** An adapter to be put beside others. */
export interface RackAdapter {
  /** What to call it in messages. */
  readonly name: string
  readonly method: AppliedMethod
  /** Its trained tensors, by slot name. */
  readonly read: ReadTensor
}

/**
 * Adapters of any kind, resident on one loaded model. Each has tensors and plans of its own over the model's one set of
 * weights: who answers is decided by whose generator is asked. Switching uploads no weights and compiles nothing.
 */
export interface AdapterRack {
  /** Loads an adapter; what its answers take is compiled. @throws GraftError `unsupported` for one that changes the model */
  add(adapter: RackAdapter): Promise<Generator>
}

export interface AdapterRackOptions extends Omit<GeneratorOptions, 'method'> {
  /** The longest answer that will be asked for: tokens of the prompt, tokens to say. */
  readonly answer: { readonly promptTokens: number; readonly newTokens: number }
}

/** An adapter that trains or stores the model's own weights otherwise would answer for all others too. */
function requireBeside({ weights }: ModelDefinition, { name, method }: RackAdapter): void {
  const own = new Set(weights.map((weight) => weight.name))
  const changes = method.trainable.some((tensor) => own.has(tensor.name))
  if (!changes && !method.quantised) return
  const got = changes ? 'one that changes the weights themselves' : 'one whose base model is kept in 4 bits'
  const message = `${name}: expected an adapter that stands beside others on one base model, got ${got} (${method.info.name.en}); let it answer alone`
  throw new GraftError('unsupported', message, { name, method: method.info.id })
}

/** @param options an executor with the model's weights */
export function createAdapterRack({ answer, ...options }: AdapterRackOptions): AdapterRack {
  let count = 0
  return {
    async add(adapter) {
      requireBeside(options.model, adapter)
      const method = withOwnSlots(adapter.method, `rack.${count++}.`)
      const generator = createGenerator({ ...options, method })
      await generator.prepare(answer.promptTokens, answer.newTokens)
      for (const [i, { name }] of adapter.method.trainable.entries())
        await options.executor.upload(method.trainable[i]?.name ?? name, await adapter.read(name))
      return generator
    },
  }
}
