import { stat } from 'node:fs/promises'
import type { MethodChoice } from '../../preload/contract'
import { readAdapterMethod as readMethod } from '../engine/methods'
import { folderFileSource, HostError } from '../files'

/** @throws HostError `start-missing` where there is no such folder */
export async function requireAdapterFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return
  const got = found ? 'a file' : 'no such folder'
  const message = `adapter "${path}": expected a folder with adapter_config.json, got ${got}; choose the folder of an adapter`
  throw new HostError('start-missing', message, { path })
}

/**
 * The method, with its parameters, of an adapter in PEFT's form.
 * @throws HostError `start-missing`; GraftError where its config cannot be read or is of a kind that is not known here
 */
export async function readAdapterMethod(path: string): Promise<MethodChoice> {
  await requireAdapterFolder(path)
  const files = folderFileSource(path)
  try {
    const { method, values } = await readMethod(files)
    return { id: method.info.id, parameters: { ...values } }
  } finally {
    await files.close()
  }
}
