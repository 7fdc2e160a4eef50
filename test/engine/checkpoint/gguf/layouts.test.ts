import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  architectureFor,
  architectureOf,
  nameInFile,
  nameInModel,
} from '../../../../main/engine/checkpoint/gguf/architectures'
import {
  toFileLayout,
  toModelLayout,
  turnedShape,
  type TensorLayout,
} from '../../../../main/engine/checkpoint/gguf/layouts'
import { permuted } from '../../../helpers/gguf-model'

const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i)

describe('a layout of the file', () => {
  const layouts = fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((heads): TensorLayout => ({ kind: 'pairedRows', heads })),
    fc.constant<TensorLayout>({ kind: 'transposed' }),
    fc.constant<TensorLayout>({ kind: 'plusOne' }),
  )

  it('is undone by the other direction, for matrices and vectors', () => {
    const sizes = fc.record({ pairs: fc.integer({ min: 1, max: 3 }), width: fc.integer({ min: 0, max: 5 }) })
    fc.assert(
      fc.property(layouts, sizes, (layout, { pairs, width }) => {
        const rows = 2 * pairs * (layout.kind === 'pairedRows' ? layout.heads : 1)
        const shape = width === 0 ? [rows] : [rows, width]
        const values = counted(rows * Math.max(1, width))
        const stored = toFileLayout(layout, values.slice(), shape)
        expect(toModelLayout(layout, stored, turnedShape(layout, shape))).toEqual(values)
      }),
      { numRuns: 60 },
    )
  })

  it('orders rows as llama.cpp does', () => {
    const stored = toFileLayout({ kind: 'pairedRows', heads: 3 }, counted(48), [12, 4])
    expect(stored).toEqual(permuted(counted(48), 12, 3))
  })

  it('turns a matrix, and adds one to a norm', () => {
    expect([...toFileLayout({ kind: 'transposed' }, counted(6), [2, 3])]).toEqual([0, 3, 1, 4, 2, 5])
    expect(turnedShape({ kind: 'transposed' }, [2, 3])).toEqual([3, 2])
    expect([...toFileLayout({ kind: 'plusOne' }, counted(3), [3])]).toEqual([1, 2, 3])
  })
})

describe.each(['llama'])('the names of %s', (name) => {
  const architecture = architectureOf('m.gguf', new Map([['general.architecture', name]]))

  it('lead back, each to the one it came from', () => {
    const inLayers = Object.keys(architecture.layerModules).map((module) => `blk.11.${module}.weight`)
    const outside = Object.keys(architecture.modules).map((module) => `${module}.bias`)
    for (const stored of [...inLayers, ...outside]) {
      const inModel = nameInModel(architecture, stored)
      expect(inModel && nameInFile(architecture, inModel.name)).toEqual({ name: stored, layout: inModel?.layout })
    }
  })

  it('stand for the model types that it is read as', () => {
    for (const type of architecture.modelTypes) expect(architectureFor(type)).toBe(architecture)
  })

  it.each(['model.layers.x.mlp.up_proj.weight', 'model.layers.1.mlp.other.weight', 'rope.cos', 'model.layers.1', ''])(
    'have no place for "%s"',
    (weight) => expect(nameInFile(architecture, weight)).toBeUndefined(),
  )
})
