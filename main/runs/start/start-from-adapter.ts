import { basename, resolve } from 'node:path'
import type { TensorToWrite } from '../../engine/checkpoint'
import { findMethod, hubIdOf, loadAdapter, type LoadedAdapter } from '../../engine/methods'
import { folderFileSource, HostError } from '../../files'
import { requireAdapterFolder } from '../../models'
import { checkBase, methodGoingOn, startMismatch } from './check-start'
import type { PreparedStart, StartBase, StartRequest } from './start'
import { writeState } from './start-folder'

/** @throws HostError `start-damaged`: training on such values would fail later, and say less */
function requireNumbers(tensor: string, values: Float32Array): Float32Array {
  const strange = values.find((value) => !Number.isFinite(value))
  if (strange === undefined) return values
  const message = `adapter: ${tensor}: expected numbers, got ${strange}; the file is damaged or its training diverged, choose another`
  throw new HostError('start-damaged', message, { tensor })
}

const slotTensors = ({ method, read }: LoadedAdapter): TensorToWrite[] =>
  method.trainable.map(({ name, shape }) => ({
    name,
    dtype: 'F32',
    shape,
    data: async () => requireNumbers(name, await read(name)),
  }))

const lastPart = (name: string): string => name.split(/[\\/]+/).findLast(Boolean) ?? name

/** Names prove nothing, folders are called as people like: said, not refused. */
function baseNotes({ baseName, baseFingerprint }: LoadedAdapter, { name }: StartBase): string[] {
  if (baseFingerprint !== undefined || baseName === undefined) return []
  if (lastPart(baseName).toLowerCase() === name.toLowerCase()) return []
  const theirs = hubIdOf(baseName) ?? lastPart(baseName)
  return [
    `the adapter says that it was trained on "${theirs}", and the base model here is "${name}": if these are others, what it has learned is lost`,
  ]
}

/** @throws HostError `start-mismatch` where the file holds what a trained network made and not the network itself */
function requireAllThatTrains({ method, values }: LoadedAdapter, { definition }: StartBase, origin: string): void {
  const stored = new Set(method.trainable.map(({ name }) => name))
  const { trainable } = findMethod(method.info.id).apply(definition, values)
  if (trainable.every(({ name }) => stored.has(name))) return
  const expected = `the network that ${method.info.name.en} trains`
  const advice = `continue the run that trained it, which has kept the network, or start without ${origin}`
  throw startMismatch(origin, expected, 'only what it made, as adapters store it', advice)
}

/** Starts from an adapter that PEFT or this program wrote. */
export async function startFromAdapter({ spec, startFrom, base }: StartRequest<'adapter'>): Promise<PreparedStart> {
  const path = resolve(startFrom.path)
  await requireAdapterFolder(path)
  const files = folderFileSource(path)
  try {
    const adapter = await loadAdapter(files, base.definition)
    const origin = `adapter "${basename(path)}"`
    checkBase(adapter.baseFingerprint, base.fingerprint, base.name, origin)
    requireAllThatTrains(adapter, base, origin)
    const trained = { id: adapter.method.info.id, parameters: { ...adapter.values } }
    const method = methodGoingOn(trained, spec.method, origin)
    return {
      spec: { ...spec, method, startFrom: { ...startFrom, path } },
      writeTo: (start) => writeState(slotTensors(adapter), start, { label: origin, notes: baseNotes(adapter, base) }),
      close: () => files.close(),
    }
  } catch (error) {
    await files.close()
    throw error
  }
}
