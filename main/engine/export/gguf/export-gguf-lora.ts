import { gguf, type Json } from '../../checkpoint'
import { GraftError } from '../../errors'
import { hubIdOf, packTensor, requireExport } from '../../methods'
import type { AppliedMethod, LinearSite, ModelDefinition, ReadTensor, StoredTensor } from '../../nn'
import { modelCard, type CardFacts } from '../card/model-card'
import { checkValues } from '../check-values'
import { refuseFormat } from '../export-format'
import { textFile, writeExport, type ExportedFile, type ExportTarget } from '../target'
import { requireArchitecture, slug } from './export-gguf'

export interface GgufLoraExport {
  readonly model: ModelDefinition
  /** The base model's config.json. */
  readonly config: Json
  readonly method: AppliedMethod
  /** Reads the method's trained tensors. */
  readonly read: ReadTensor
  readonly card: CardFacts
  readonly target: ExportTarget
}

export const ggufLoraFileName = (title: string): string => `${slug(title)}.lora.gguf`

/** What a site's pair is stored as: A and B in PEFT's words, beside the site. */
interface Pair {
  readonly site: LinearSite
  readonly a: StoredTensor
  readonly b: StoredTensor
}

function pairsOf({ sites }: ModelDefinition, tensors: readonly StoredTensor[]): Pair[] {
  return sites.flatMap((site) => {
    const half = (name: string): StoredTensor | undefined =>
      tensors.find((tensor) => tensor.name.endsWith(`.${site.name}.lora_${name}.weight`))
    const [a, b] = [half('A'), half('B')]
    return a && b ? [{ site, a, b }] : []
  })
}

/** s of W + s · B A, as PEFT computes it. */
function scaleOf(config: Json): number {
  const [r, alpha] = [Number(config['r']), Number(config['lora_alpha'])]
  return config['use_rslora'] === true ? alpha / Math.sqrt(r) : alpha / r
}

/** The file's name of a site's weight. @throws GraftError `export-failed` for one that has no place in the file */
function storedName(architecture: gguf.GgufArchitecture, site: LinearSite): gguf.TensorName {
  const found = gguf.nameInFile(architecture, site.weight)
  if (found) return found
  const message = `GGUF adapter: ${site.weight}: expected a weight that ${architecture.name} has a place for, got none; export merged GGUF instead`
  throw new GraftError('export-failed', message, { tensor: site.weight })
}

/** A untouched; the rows of B as those of the weight that they are added to. */
function pairTensors(
  { model, read }: GgufLoraExport,
  architecture: gguf.GgufArchitecture,
  { site, a, b }: Pair,
): gguf.GgufTensorToWrite[] {
  const { name, layout: declared } = storedName(architecture, site)
  const { heads, kvHeads } = model.config
  const layout =
    declared?.kind === 'pairedRows'
      ? ({ kind: 'pairedRows', heads: declared.heads === 'attention.head_count' ? heads : kvHeads } as const)
      : undefined
  const values = async (tensor: StoredTensor): Promise<Float32Array> =>
    checkValues(tensor.name, 'F32', await packTensor(tensor, read))
  return [
    { name: `${name}.lora_a`, shape: a.shape, type: 'F32', data: () => values(a) },
    {
      name: `${name}.lora_b`,
      shape: b.shape,
      type: 'F32',
      data: async () => gguf.toFileLayout(layout, (await values(b)).slice(), b.shape),
    },
  ]
}

function metadataOf(architecture: gguf.GgufArchitecture, alpha: number, { title, base }: CardFacts): gguf.GgufEntries {
  const hub = hubIdOf(base.name)
  return new Map([
    ['general.architecture', gguf.text(architecture.name)],
    ['general.type', gguf.text('adapter')],
    ['general.name', gguf.text(title)],
    ...(hub
      ? ([
          ['general.base_model.count', gguf.u32(1)],
          ['general.base_model.0.name', gguf.text(hub.split('/').at(-1) ?? hub)],
          ['general.base_model.0.repo_url', gguf.text(`https://huggingface.co/${hub}`)],
        ] as const)
      : []),
    ['adapter.type', gguf.text('lora')],
    ['adapter.lora.alpha', gguf.f32(alpha)],
  ])
}

/**
 * Writes the low-rank updates as one file that llama.cpp loads beside the base model (`--lora`), and a card. Runtimes
 * multiply B A with alpha / rank whatever the training's own rule was, so alpha is the training's scale times the rank.
 * @throws GraftError `export-failed` where the method is more than low-rank updates, or a weight has no place in the
 * file; whatever the target throws. Nothing is left behind then.
 */
export async function exportGgufLora(input: GgufLoraExport): Promise<ExportedFile[]> {
  const { model, config, method, card, target } = input
  requireExport(method, { model, config }, 'gguf-lora')
  const architecture = requireArchitecture(config)
  const adapter = method.adapter ?? refuseFormat(method, 'gguf-lora')
  const tensors = pairsOf(model, adapter.tensors).flatMap((pair) => pairTensors(input, architecture, pair))
  const alpha = scaleOf(adapter.config) * Number(adapter.config['r'])
  const name = ggufLoraFileName(card.title)
  const readme = modelCard('gguf-lora', card, { method: method.info.name.en, file: name, tags: ['lora'] })
  return writeExport(target, [
    textFile('README.md', readme),
    { name, write: (sink) => gguf.writeGguf(sink, metadataOf(architecture, alpha, card), tensors) },
  ])
}
