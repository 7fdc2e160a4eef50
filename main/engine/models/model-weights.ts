import type { Checkpoint, TensorInfo } from '../checkpoint'
import type { ModelBody, WeightSpec } from '../nn'
import { DTYPE_BYTES, transpose, transposeBytes } from '../tensor'

type Named = Pick<ModelBody, 'weights' | 'renamedPrefixes'>

/** The names that a checkpoint may have for a weight, the usual one first. */
function namesOf(name: string, { renamedPrefixes }: Named): string[] {
  const others = renamedPrefixes.filter(({ own }) => name.startsWith(own))
  return [name, ...others.map(({ own, file }) => file + name.slice(own.length))]
}

/** bitsandbytes packs every matrix as [out, in], a Conv1D's too: its weights were turned when they were quantised. */
const isPacked = ({ storedAs }: TensorInfo): boolean => storedAs === 'NF4' || storedAs === 'FP4'

const turnedInfo = (info: TensorInfo): TensorInfo => ({ ...info, shape: info.shape.toReversed() })

/** Rows and columns of a matrix as it is stored. */
const storedSize = ({ shape: [rows = 1, columns = 1] }: WeightSpec): [rows: number, columns: number] => [columns, rows]

/**
 * A model's weights as its slots hold them, whatever the checkpoint calls them and however it stores them: the door
 * through which all that uses a base model's weights reads them. What is no weight of the model is passed on as it is.
 */
export function modelWeights<C extends Checkpoint>(model: Named, checkpoint: C): C {
  const specs = new Map(model.weights.map((spec) => [spec.name, spec]))
  const stored = (name: string): string => namesOf(name, model).find((found) => checkpoint.has(found)) ?? name
  const turned = (name: string): WeightSpec | undefined => {
    const spec = specs.get(name)
    return spec?.storedTransposed && !isPacked(checkpoint.info(stored(name))) ? spec : undefined
  }
  const readTurned = async (spec: WeightSpec): Promise<Float32Array> =>
    transpose(await checkpoint.readFloat32(stored(spec.name)), ...storedSize(spec))
  return {
    ...checkpoint,
    names: model.weights.map(({ name }) => name).filter((name) => checkpoint.has(stored(name))),
    has: (name) => checkpoint.has(stored(name)),
    info: (name) => {
      const info = checkpoint.info(stored(name))
      return turned(name) ? turnedInfo(info) : info
    },
    async readFloat32(name, target) {
      const spec = turned(name)
      if (!spec) return checkpoint.readFloat32(stored(name), target)
      const values = await readTurned(spec)
      target?.set(values)
      return target ?? values
    },
    async readRows(name, first, count, target) {
      const spec = turned(name)
      if (!spec) return checkpoint.readRows(stored(name), first, count, target)
      const width = spec.shape[1] ?? 1
      const rows = (await readTurned(spec)).subarray(first * width, (first + count) * width)
      target?.set(rows)
      return target ?? rows
    },
    readFourBit: async (name) => (turned(name) ? undefined : checkpoint.readFourBit?.(stored(name))),
    async readBytes(name) {
      const spec = turned(name)
      const bytes = await checkpoint.readBytes(stored(name))
      return spec ? transposeBytes(bytes, ...storedSize(spec), DTYPE_BYTES[checkpoint.info(stored(name)).dtype]) : bytes
    },
  }
}

/** How a checkpoint of the family has a weight: its shape there, and a slot's values as they stand there. */
export function storedForm({ shape, storedTransposed }: WeightSpec): {
  readonly shape: readonly number[]
  readonly values: (values: Float32Array) => Float32Array
} {
  const [rows = 1, columns = 1] = shape
  if (!storedTransposed) return { shape, values: (values) => values }
  return { shape: shape.toReversed(), values: (values) => transpose(values, rows, columns) }
}
