import { openSafetensors, readJsonFile, type Json, type TensorFile } from '../../checkpoint'
import { GraftError } from '../../errors'
import { sameShape, shapeText } from '../../graph'
import type { AppliedMethod, ModelDefinition, ParameterValues, ReadTensor, StoredTensor } from '../../nn'
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

function mismatch(file: string, tensor: string, expected: string, got: string): GraftError {
  const message = `${file}: ${tensor}: expected ${expected}, got ${got}; the adapter belongs to another model or its config was changed`
  return new GraftError('checkpoint-mismatch', message, { tensor })
}

/** The method's tensors under the names that they have in this file, all of them, and no other. */
function locateTensors(file: TensorFile, stored: readonly StoredTensor[], layout: AdapterLayout): StoredTensor[] {
  const names = layout.namesIn(
    file,
    stored.map(({ name }) => name),
  )
  const located = stored.map((tensor, i) => ({ ...tensor, name: names[i] as string }))
  for (const { name, shape } of located) {
    if (!file.has(name)) throw mismatch(layout.weights, name, `a tensor ${shapeText(shape)}`, 'none')
    const found = file.info(name).shape
    if (!sameShape(found, shape)) throw mismatch(layout.weights, name, `shape ${shapeText(shape)}`, shapeText(found))
  }
  const used = new Set(names)
  const extra = file.names.find((name) => !used.has(name) && !layout.isIgnored(name))
  // Leaving a trained tensor out would load without complaint and answer wrongly.
  if (extra !== undefined)
    throw mismatch(layout.weights, extra, 'no tensor of this name', shapeText(file.info(extra).shape))
  return located
}

function tensorsOf({ adapter, info }: AppliedMethod): readonly StoredTensor[] {
  if (adapter) return adapter.tensors
  throw new GraftError('unsupported', `${ADAPTER_CONFIG}: ${info.name.en}: expected a method with an adapter, got none`)
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
  const file = await openWeights(files, layout)
  const { method: found, values } = methodFromAdapter(config)
  const method = (found.applyStored ?? found.apply)(model, values)
  const tensors = locateTensors(file, tensorsOf(method), layout)
  const name = layout.baseName(config)
  const fingerprint = file.metadata[BASE_FINGERPRINT]
  const base = {
    ...(typeof name === 'string' && name !== '' && { baseName: name }),
    ...(fingerprint !== undefined && { baseFingerprint: fingerprint }),
  }
  const read: ReadTensor = async (slot) => {
    const tensor = tensors.find(({ slots }) => slots.includes(slot))
    if (tensor) return unpackSlot(tensor, await file.readFloat32(tensor.name), slot)
    throw new GraftError('invalid-argument', `adapter: expected a slot of ${method.info.name.en}, got ${slot}`, {
      slot,
    })
  }
  return { method, values, ...base, tensors, read }
}
