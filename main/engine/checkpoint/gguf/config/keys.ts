import { GraftError } from '../../../errors'
import { quote } from '../../strict-json'
import type { GgufHeader } from '../header/read-header'

/** Typed access to what a file says of its model: the keys of one architecture, and the tensors. */
export interface ModelKeys {
  readonly file: string
  number(key: string): number | undefined
  required(key: string): number
  /** A decimal fraction, as it was before it was rounded to float32. */
  fraction(key: string): number
  text(key: string): string | undefined
  /** Flags or numbers, one for each layer; undefined where the file has no list under this key. */
  list(key: string): readonly (number | boolean)[] | undefined
  /** `tokenizer.ggml.NAME_token_id` */
  tokenId(name: string): number | undefined
  hasTensor(name: string): boolean
  /** Rows of the embedding's table, which cannot be wrong about it. */
  vocabularySize(): number
  /** The values of the tensor `rope_freqs.weight`, where there is one. */
  readonly ropeDivisors: Float32Array | undefined
}

export function keyError(file: string, key: string, expected: string, got: string): GraftError {
  const message = `${file}: ${key}: expected ${expected}, got ${got}; get the file again or choose another model`
  return new GraftError('config-invalid', message, { file, key })
}

/** The file keeps decimal fractions in float32: 1e-5 would come out as 9.999999747378752e-06. */
export function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === Math.fround(value)) return rounded
  }
  return value
}

/** @param prefix the architecture's name, which its keys begin with */
export function createModelKeys(
  file: string,
  { metadata, tensors }: GgufHeader,
  prefix: string,
  ropeDivisors: Float32Array | undefined,
): ModelKeys {
  const number = (key: string): number | undefined => {
    const value = metadata.get(`${prefix}.${key}`)
    if (value === undefined || typeof value === 'number') return value
    throw keyError(file, `${prefix}.${key}`, 'a number', quote(value))
  }
  const required = (key: string): number => {
    const value = number(key)
    if (value === undefined) throw keyError(file, `${prefix}.${key}`, 'a number', 'nothing')
    return value
  }
  return {
    file,
    ropeDivisors,
    number,
    required,
    fraction: (key) => shortest(required(key)),
    text(key) {
      const value = metadata.get(`${prefix}.${key}`)
      if (value === undefined || typeof value === 'string') return value
      throw keyError(file, `${prefix}.${key}`, 'a text', quote(value))
    },
    list(key) {
      const value = metadata.get(`${prefix}.${key}`)
      return Array.isArray(value) || ArrayBuffer.isView(value)
        ? Array.from(value as ArrayLike<number | boolean>)
        : undefined
    },
    tokenId(name) {
      const id = metadata.get(`tokenizer.ggml.${name}_token_id`)
      return typeof id === 'number' ? id : undefined
    },
    hasTensor: (name) => tensors.has(name),
    vocabularySize: () => tensors.get('token_embd.weight')?.shape[0] ?? required('vocab_size'),
  }
}
