import type { DType, OpAttributes, OpName, Shape } from '../../../main/engine/graph'
import { normal, type Fill } from './fills'

export interface CaseInput {
  readonly shape: Shape
  readonly dtype: DType
  readonly fill: Fill
}

export interface CaseRow<Attributes> {
  readonly name: string
  readonly inputs: readonly CaseInput[]
  readonly attributes: Attributes
}

export type Row<Op extends OpName> = CaseRow<OpAttributes[Op]>

export const f32 = (shape: Shape, fill: Fill = normal()): CaseInput => ({ shape, dtype: 'f32', fill })
export const i32 = (shape: Shape, fill: Fill): CaseInput => ({ shape, dtype: 'i32', fill })
