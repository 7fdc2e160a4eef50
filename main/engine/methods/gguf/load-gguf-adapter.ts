import { gguf, type Json } from '../../checkpoint'
import { GraftError } from '../../errors'
import type { AppliedMethod, LinearSite, ModelDefinition, ModelHooks, ReadTensor } from '../../nn'
import type { ByteSource } from '../../tensor'
import { lora } from '../lora/lora'

/** An adapter out of a GGUF file, put on a model: to be used, not trained on. */
export interface LoadedGgufAdapter {
  readonly method: AppliedMethod
  /** The method's tensors by slot name, from the file. */
  readonly read: ReadTensor
}

type Update = gguf.LowRankUpdate & { readonly site: LinearSite }

const slotA = ({ site }: Update): string => `${site.name}.lora_A.weight`
const slotB = ({ site }: Update): string => `${site.name}.lora_B.weight`

function mismatch(file: string, expected: string, got: string): GraftError {
  const message = `${file}: expected ${expected}, got ${got}; the adapter is for another model`
  return new GraftError('checkpoint-mismatch', message, { file })
}

function atSite(file: string, { sites }: ModelDefinition, update: gguf.LowRankUpdate): Update {
  const site = sites.find(({ weight }) => weight === update.weight)
  if (!site) throw mismatch(file, 'updates of matrices that the model has', update.weight)
  const { inFeatures, outFeatures } = update
  if (site.inFeatures === inFeatures && site.outFeatures === outFeatures) return { ...update, site }
  throw mismatch(file, `${update.weight} [${site.outFeatures}, ${site.inFeatures}]`, `[${outFeatures}, ${inFeatures}]`)
}

/** y + scale · B(A x) at each site, each with a rank of its own. */
function hooksOf(updates: readonly Update[]): ModelHooks {
  const bySite = new Map(updates.map((update) => [update.site.name, update]))
  return {
    linear({ g, slot }, site, x, y) {
      const update = bySite.get(site.name)
      if (!update) return y
      const inner = g.one('linear', [x, slot(slotA(update))], { alpha: 1 })
      return g.one('linear', [inner, slot(slotB(update)), y], { alpha: update.scale })
    },
  }
}

/**
 * Opens a LoRA adapter in GGUF (llama.cpp's form) and puts it on a model; the weights stay in the file.
 * @param config the base model's config.json
 * @throws GraftError 'checkpoint-header', 'unsupported' for a file that is no adapter, 'checkpoint-mismatch' for one of
 * another model
 */
export async function loadGgufAdapter(
  source: ByteSource,
  model: ModelDefinition,
  config: Json,
): Promise<LoadedGgufAdapter> {
  const { architecture, updates: found } = await gguf.openGgufAdapter(source, model.config)
  const own = gguf.architectureFor(String(config['model_type']))?.name
  if (own !== architecture) throw mismatch(source.name, `an adapter for ${own ?? 'no architecture'}`, architecture)
  const updates = found.map((update) => atSite(source.name, model, update))
  const readers = new Map(updates.flatMap((u) => [[slotA(u), u.readA] as const, [slotB(u), u.readB] as const]))
  return {
    method: {
      info: lora.info,
      hooks: hooksOf(updates),
      usesSeeds: false,
      trainable: updates.flatMap((update) => {
        const { rank, inFeatures, outFeatures } = update
        const tensor = (name: string, shape: readonly number[]) => ({
          name,
          shape,
          decay: true,
          initial: () => new Float32Array(shape.reduce((product, size) => product * size, 1)),
        })
        return [tensor(slotA(update), [rank, inFeatures]), tensor(slotB(update), [outFeatures, rank])]
      }),
    },
    read: async (slot) => {
      const read = readers.get(slot)
      if (read) return read()
      throw new GraftError('invalid-argument', `${source.name}: expected a slot of the adapter, got ${slot}`, { slot })
    },
  }
}
