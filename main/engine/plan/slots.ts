import type { AppliedMethod, ModelDefinition, WeightSpec } from '../nn'
import { batchSlots } from '../nn'
import type { DType } from '../graph'
import type { Role, Slot } from './plan'

export type SlotTable = Map<string, Slot>

export function addSlot(
  table: SlotTable,
  name: string,
  role: Role,
  shape: readonly number[],
  dtype: DType = 'f32',
): string {
  table.set(name, { name, role, shape, dtype })
  return name
}

export const gradientOf = (parameter: string): string => `${parameter}.grad`
export const momentsOf = (parameter: string): [string, string] => [`${parameter}.m`, `${parameter}.v`]

export const derivedTensors = ({ derived = [] }: AppliedMethod): readonly WeightSpec[] =>
  derived.flatMap(({ tensors }) => tensors)

/** Base weights, computed constants and the method's own tensors. */
export function addWeights(table: SlotTable, model: ModelDefinition, method: AppliedMethod, maxLength: number): void {
  for (const { name, shape } of model.weights) {
    const storage = method.quantised?.(name)
    table.set(name, { name, role: 'frozen', shape, dtype: 'f32', ...(storage && { storage }) })
  }
  for (const { name, shape } of model.constants(maxLength)) addSlot(table, name, 'frozen', shape)
  for (const { name, shape } of method.trainable) addSlot(table, name, 'trainable', shape)
  for (const { name, shape } of derivedTensors(method)) addSlot(table, name, 'derived', shape)
}

/** One row per token of the batch. */
export function addBatch(table: SlotTable, rows: number): void {
  for (const name of [batchSlots.ids, batchSlots.positions, batchSlots.first, batchSlots.last])
    addSlot(table, name, 'batch', [rows], 'i32')
}

export function addLabels(table: SlotTable, rows: number): void {
  addSlot(table, batchSlots.order, 'batch', [rows], 'i32')
  addSlot(table, batchSlots.labels, 'batch', [rows], 'i32')
  addSlot(table, batchSlots.weight, 'batch', [rows])
}
