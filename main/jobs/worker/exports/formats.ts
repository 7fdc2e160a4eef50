import { join } from 'node:path'
import { exportDefaults, type ExportFormat } from '../../../../preload/contract'
import {
  exportAdapterHub,
  exportGguf,
  exportGgufLora,
  exportMergedHf,
  exportPeft,
  ggufFileName,
  ggufLoraFileName,
  type ExportedFile,
} from '../../../engine/export'
import { isWritableFloatDtype } from '../../../engine/tensor'
import { fingerprintBase } from '../../../models'
import { cardFacts } from './card-facts'
import { folderTarget, tellProgress, type Exported, type ExportInput } from './export-input'
import { withExportedAdapter, withExportedGgufAdapter, withExportedModel } from './with-exported'

/** How one format is written, and how it is loaded again. A new format is one row. */
export interface FormatHandler {
  write(input: ExportInput): Promise<ExportedFile[]>
  /** Loads what was written by the reader of the format, for the time of `use`. */
  withExported<T>(input: ExportInput, use: (exported: Exported) => Promise<T>): Promise<T>
  /** The one file that other programs are given, where it is one. */
  readonly mainFile?: (input: ExportInput) => string
}

const ggufLoraName = (input: ExportInput): string => ggufLoraFileName(card(input).title)

const card = ({ view, model, startedFrom }: ExportInput) => cardFacts(view, model, startedFrom)

const ggufType = ({ request }: ExportInput) => request.type ?? exportDefaults[request.format] ?? 'F16'
const ggufName = (input: ExportInput): string => ggufFileName(card(input).title, ggufType(input))

/** What everything that folds the method into the weights is written from. */
function mergeParts({ model, method, read, context, folder }: ExportInput) {
  const { definition, checkpoint, config, files } = model
  const target = folderTarget(folder)
  return { model: definition, checkpoint, config, files, method, read, target, onProgress: tellProgress(context) }
}

export const formats: Readonly<Partial<Record<ExportFormat, FormatHandler>>> = {
  peft: {
    write: async (input) =>
      exportPeft({
        method: input.method,
        read: input.read,
        baseFingerprint: await fingerprintBase(input.model.definition, input.model.checkpoint),
        card: card(input),
        target: folderTarget(input.folder),
      }),
    withExported: withExportedAdapter,
  },
  adapterhub: {
    write: async (input) => {
      const { definition, checkpoint, config } = input.model
      const { method, read, folder } = input
      const baseFingerprint = await fingerprintBase(definition, checkpoint)
      const target = folderTarget(folder)
      return exportAdapterHub({ method, model: definition, config, read, baseFingerprint, card: card(input), target })
    },
    withExported: withExportedAdapter,
  },
  'merged-hf': {
    write: (input) => {
      const { type } = input.request
      const dtype = type && isWritableFloatDtype(type) ? type : 'base'
      const stopIds = input.model.tokenizer.eosIds
      return exportMergedHf({ ...mergeParts(input), dtype, stopIds, card: card(input) })
    },
    withExported: (input, use) => withExportedModel(input, input.folder, use),
  },
  gguf: {
    write: (input) => {
      const { tokenizer, template } = input.model
      const probes = input.texts.rendered
      return exportGguf({ ...mergeParts(input), tokenizer, template, probes, type: ggufType(input), card: card(input) })
    },
    withExported: (input, use) => withExportedModel(input, join(input.folder, ggufName(input)), use),
    mainFile: ggufName,
  },
  'gguf-lora': {
    write: (input) => {
      const { definition, config } = input.model
      const { method, read, folder } = input
      return exportGgufLora({
        model: definition,
        config,
        method,
        read,
        card: card(input),
        target: folderTarget(folder),
      })
    },
    withExported: (input, use) => withExportedGgufAdapter(input, join(input.folder, ggufLoraName(input)), use),
    mainFile: ggufLoraName,
  },
}
