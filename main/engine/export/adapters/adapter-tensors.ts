import type { TensorToWrite } from '../../checkpoint'
import { BASE_FINGERPRINT, packTensor } from '../../methods'
import type { ReadTensor, StoredTensor } from '../../nn'
import { checkValues } from '../check-values'

/** An adapter's tensors as its library stores them: in float32, whatever the base model's type is. */
export const storedTensors = (tensors: readonly StoredTensor[], read: ReadTensor): TensorToWrite[] =>
  tensors.map((tensor) => {
    const { name, shape } = tensor
    return { name, dtype: 'F32', shape, data: async () => checkValues(name, 'F32', await packTensor(tensor, read)) }
  })

/** `format` is asked for by some loaders; the other key is ours. */
export const adapterMetadata = (baseFingerprint: string | undefined): Readonly<Record<string, string>> => ({
  format: 'pt',
  ...(baseFingerprint !== undefined && { [BASE_FINGERPRINT]: baseFingerprint }),
})
