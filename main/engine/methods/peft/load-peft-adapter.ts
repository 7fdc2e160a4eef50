import { openSafetensors, readJsonFile, type Json, type TensorFile } from '../../checkpoint'
import { GraftError } from '../../errors'
import { sameShape, shapeText } from '../../graph'
import type { AppliedMethod, ModelDefinition, ParameterValues, ReadTensor, StoredTensor } from '../../nn'
import type { FileSource } from '../../tensor'
import { methodFromAdapter, type MethodChoice } from '../method-list'
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_FINGERPRINT, unsupportedFields } from './peft-format'
import { unpackSlot } from './stored-tensors'

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

const LEGACY_WEIGHTS = 'adapter_model.bin'

/**
 * The method and the hyper-parameters that an adapter folder is for; its weights are not looked at.
 * @throws GraftError `checkpoint-missing`, `config-invalid`, `unsupported`
 */
export async function readAdapterMethod(files: FileSource): Promise<MethodChoice> {
  return methodFromAdapter(await readConfig(files))
}

async function readConfig(files: FileSource): Promise<Json> {
  const config = await readJsonFile(files, ADAPTER_CONFIG)
  if (!config) {
    const message = `adapter folder: expected a file ${ADAPTER_CONFIG}, got none; choose the folder that PEFT or Graft wrote`
    throw new GraftError('checkpoint-missing', message, { file: ADAPTER_CONFIG })
  }
  const fields = unsupportedFields(config)
  if (fields.length === 0) return config
  const message = `${ADAPTER_CONFIG}: expected no variant beyond plain adapters, got ${fields.join(', ')}; load this adapter with PEFT, or merge it there and import the model`
  throw new GraftError('unsupported', message, { fields })
}

async function openWeights(files: FileSource): Promise<TensorFile> {
  const source = await files.open(ADAPTER_WEIGHTS)
  if (source) return openSafetensors(source)
  const legacy = (await files.open(LEGACY_WEIGHTS)) !== undefined
  const got = legacy ? `only ${LEGACY_WEIGHTS}, which can run code when it is loaded` : 'none'
  const advice = legacy ? 'save it again with a current PEFT' : 'the folder is incomplete, get it again'
  const message = `adapter folder: expected a file ${ADAPTER_WEIGHTS}, got ${got}; ${advice}`
  throw new GraftError('checkpoint-missing', message, { file: ADAPTER_WEIGHTS })
}

function mismatch(tensor: string, expected: string, got: string): GraftError {
  const message = `${ADAPTER_WEIGHTS}: ${tensor}: expected ${expected}, got ${got}; the adapter belongs to another model or its config was changed`
  return new GraftError('checkpoint-mismatch', message, { tensor })
}

/** PEFT writes the base's own embedding beside an adapter that touches it; the base has it already. */
const isBaseCopy = (tensor: string): boolean => /\.base_layer\.(weight|bias)$/.test(tensor)

function checkTensors(file: TensorFile, tensors: readonly StoredTensor[]): void {
  for (const { name, shape } of tensors) {
    if (!file.has(name)) throw mismatch(name, `a tensor ${shapeText(shape)}`, 'none')
    const found = file.info(name).shape
    if (!sameShape(found, shape)) throw mismatch(name, `shape ${shapeText(shape)}`, shapeText(found))
  }
  const used = new Set(tensors.map(({ name }) => name))
  const extra = file.names.find((name) => !used.has(name) && !isBaseCopy(name))
  // Leaving a trained tensor out would load without complaint and answer wrongly.
  if (extra !== undefined) throw mismatch(extra, 'no tensor of this name', shapeText(file.info(extra).shape))
}

function tensorsOf({ adapter, info }: AppliedMethod): readonly StoredTensor[] {
  if (adapter) return adapter.tensors
  throw new GraftError('unsupported', `${ADAPTER_CONFIG}: ${info.name.en}: expected a method with an adapter, got none`)
}

/**
 * Opens an adapter folder that PEFT or this program wrote and puts its method on the model; the weights stay in the file.
 * @throws GraftError `checkpoint-missing` for an absent file or weights only as a pickle, `unsupported` for a variant
 * that is not computed here, `checkpoint-mismatch` where names or shapes do not fit the model, `invalid-argument` for
 * targets that the model lacks
 */
export async function loadPeftAdapter(files: FileSource, model: ModelDefinition): Promise<LoadedAdapter> {
  const config = await readConfig(files)
  const file = await openWeights(files)
  const { method: found, values } = methodFromAdapter(config)
  const method = (found.applyStored ?? found.apply)(model, values)
  const tensors = tensorsOf(method)
  checkTensors(file, tensors)
  const name = config['base_model_name_or_path']
  const fingerprint = file.metadata[BASE_FINGERPRINT]
  const base = {
    ...(typeof name === 'string' && name !== '' && { baseName: name }),
    ...(fingerprint !== undefined && { baseFingerprint: fingerprint }),
  }
  const read: ReadTensor = async (slot) => {
    const tensor = tensors.find(({ slots }) => slots.includes(slot))
    if (tensor) return unpackSlot(tensor, await file.readFloat32(tensor.name), slot)
    throw new GraftError('invalid-argument', `adapter: expected a slot of ${method.info.name}, got ${slot}`, { slot })
  }
  return { method, values, ...base, tensors, read }
}
