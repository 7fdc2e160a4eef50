import { openSafetensors, readJsonFile, type Json, type TensorFile } from '../../checkpoint'
import { GraftError } from '../../errors'
import { sameShape, shapeText } from '../../graph'
import type {
  AdapterFormat,
  AppliedMethod,
  ModelDefinition,
  ParameterValues,
  ReadTensor,
  StoredTensor,
  Task,
} from '../../nn'
import type { FileSource } from '../../tensor'
import { methodFromAdapter, type MethodChoice } from '../method-list'
import { ADAPTER_CONFIG, BASE_FINGERPRINT } from '../peft/peft-format'
import type { AdapterLayout } from './adapter-layout'
import { hubLayout } from './hub-layout'
import { peftLayout } from './peft-layout'
import { unpackSlot } from '../peft/stored-tensors'

export interface LoadedAdapter {
  readonly method: AppliedMethod
  /** The hyper-parameters that the file asks for. */
  readonly values: ParameterValues
  /** The base model's name, where the file tells it. */
  readonly baseName?: string
  /** What tells its base model from others, where Graft wrote the file. */
  readonly baseFingerprint?: string
  readonly tensors: readonly StoredTensor[]
  /** The values of the method's trainable tensors, by slot name, from the file. */
  readonly read: ReadTensor
}

const layouts: readonly AdapterLayout[] = [peftLayout, hubLayout]
const writers = `${layouts.map(({ library }) => library).join(', ')} or Graft`

/**
 * The method and the hyper-parameters that an adapter folder is for; its weights are not looked at.
 * @throws GraftError `checkpoint-missing`, `config-invalid`, `unsupported`
 */
export async function readAdapterMethod(files: FileSource): Promise<MethodChoice> {
  return methodFromAdapter((await readConfig(files)).config)
}

async function missingConfig(files: FileSource): Promise<GraftError> {
  const isModel = (await files.open('config.json')) !== undefined
  const got = isModel ? 'none beside a config.json, as in the folder of a whole model' : 'none'
  const advice = isModel ? 'open it as a base model' : `choose the folder that ${writers} wrote`
  const message = `adapter folder: expected a file ${ADAPTER_CONFIG}, got ${got}; ${advice}`
  return new GraftError('checkpoint-missing', message, { file: ADAPTER_CONFIG })
}

async function readConfig(files: FileSource): Promise<{ readonly config: Json; readonly layout: AdapterLayout }> {
  const config = await readJsonFile(files, ADAPTER_CONFIG)
  if (!config) throw await missingConfig(files)
  const layout = layouts.find(({ recognises }) => recognises(config))
  if (!layout) {
    const message = `${ADAPTER_CONFIG}: expected an adapter of ${writers}, got neither peft_type nor config; choose another folder`
    throw new GraftError('unsupported', message, { found: Object.keys(config) })
  }
  const fields = layout.unsupported(config)
  if (fields.length === 0) return { config, layout }
  const message = `${ADAPTER_CONFIG}: expected no variant beyond plain adapters, got ${fields.join(', ')}; load this adapter with ${layout.library}, or merge it there and import the model`
  throw new GraftError('unsupported', message, { fields })
}

async function openWeights(files: FileSource, layout: AdapterLayout): Promise<TensorFile> {
  const source = await files.open(layout.weights)
  if (source) return openSafetensors(source)
  const pickled = (await files.open(layout.pickle)) !== undefined
  const got = pickled ? `only ${layout.pickle}, which can run code when it is loaded` : 'none'
  const advice = pickled ? layout.advice : 'the folder is incomplete, get it again'
  const message = `adapter folder: expected a file ${layout.weights}, got ${got}; ${advice}`
  throw new GraftError('checkpoint-missing', message, { file: layout.weights })
}

/** Tensors of one file, under the names that they have there. */
interface Source {
  readonly name: string
  readonly file: TensorFile
  readonly tensors: readonly StoredTensor[]
}

function mismatch(file: string, tensor: string, expected: string, got: string): GraftError {
  const message = `${file}: ${tensor}: expected ${expected}, got ${got}; the adapter belongs to another model or its config was changed`
  return new GraftError('checkpoint-mismatch', message, { tensor })
}

/** All of the tensors must be there, and no other. */
function checkSource({ name: where, file, tensors }: Source, isIgnored: (tensor: string) => boolean): void {
  for (const { name, shape } of tensors) {
    if (!file.has(name)) throw mismatch(where, name, `a tensor ${shapeText(shape)}`, 'none')
    const found = file.info(name).shape
    if (!sameShape(found, shape)) throw mismatch(where, name, `shape ${shapeText(shape)}`, shapeText(found))
  }
  const used = new Set(tensors.map(({ name }) => name))
  const extra = file.names.find((name) => !used.has(name) && !isIgnored(name))
  // Leaving a trained tensor out would load without complaint and answer wrongly.
  if (extra !== undefined) throw mismatch(where, extra, 'no tensor of this name', shapeText(file.info(extra).shape))
}

async function openHead(files: FileSource, name: string, tensors: readonly StoredTensor[]): Promise<Source> {
  const source = await files.open(name)
  if (source) return { name, file: await openSafetensors(source), tensors }
  const message = `adapter folder: expected a file ${name} with the head of a classification, got none; save the adapter again with its head`
  throw new GraftError('checkpoint-missing', message, { file: name })
}

async function openSources(files: FileSource, format: AdapterFormat, layout: AdapterLayout): Promise<Source[]> {
  const file = await openWeights(files, layout)
  const names = layout.namesIn(
    file,
    format.tensors.map(({ name }) => name),
  )
  const tensors = format.tensors.map((tensor, i) => ({ ...tensor, name: names[i] as string }))
  const sources: Source[] = [{ name: layout.weights, file, tensors }]
  if (format.head && layout.head !== undefined) sources.push(await openHead(files, layout.head, format.head))
  for (const source of sources) checkSource(source, layout.isIgnored)
  return sources
}

function formatOf({ adapter, info }: AppliedMethod): AdapterFormat {
  if (adapter) return adapter
  throw new GraftError('unsupported', `${ADAPTER_CONFIG}: ${info.name.en}: expected a method with an adapter, got none`)
}

/** A slot's values, whichever file has them. */
const reader =
  (sources: readonly Source[], { info }: AppliedMethod): ReadTensor =>
  async (slot) => {
    for (const { file, tensors } of sources) {
      const tensor = tensors.find(({ slots }) => slots.includes(slot))
      if (tensor) return unpackSlot(tensor, await file.readFloat32(tensor.name), slot)
    }
    throw new GraftError('invalid-argument', `adapter: expected a slot of ${info.name.en}, got ${slot}`, { slot })
  }

const purposes: Readonly<Record<Task['kind'], string>> = {
  'causal-lm': 'that goes on with texts',
  'sequence-classification': 'that tells the class of a text',
}

function checkTask(trained: Task['kind'] | undefined, { task }: ModelDefinition): void {
  if (trained === undefined || trained === task.kind) return
  const message = `${ADAPTER_CONFIG}: expected an adapter for a model ${purposes[task.kind]}, got one for a model ${purposes[trained]}; use it for what it was trained for`
  throw new GraftError('checkpoint-mismatch', message, { expected: task.kind, found: trained })
}

/**
 * Opens an adapter folder that PEFT, AdapterHub's library or this program wrote and puts its method on the model; the
 * weights stay in the file.
 * @throws GraftError `checkpoint-missing` for an absent file or weights only as a pickle, `unsupported` for a variant
 * that is not computed here, `checkpoint-mismatch` where names or shapes do not fit the model, `invalid-argument` for
 * targets that the model lacks
 */
export async function loadAdapter(files: FileSource, model: ModelDefinition): Promise<LoadedAdapter> {
  const { config, layout } = await readConfig(files)
  checkTask(layout.task(config), model)
  const { method: found, values } = methodFromAdapter(config)
  const method = (found.applyStored ?? found.apply)(model, values)
  const sources = await openSources(files, formatOf(method), layout)
  const name = layout.baseName(config)
  const fingerprint = sources.map(({ file }) => file.metadata[BASE_FINGERPRINT]).find(Boolean)
  const base = {
    ...(typeof name === 'string' && name !== '' && { baseName: name }),
    ...(fingerprint !== undefined && { baseFingerprint: fingerprint }),
  }
  return { method, values, ...base, tensors: sources.flatMap(({ tensors }) => tensors), read: reader(sources, method) }
}
