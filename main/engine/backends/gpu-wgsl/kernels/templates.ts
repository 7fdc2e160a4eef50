import { elements, type Shape } from '../../../graph'
import type { Kernel, Operand, Scalar } from '../program/kernel'

export const read = (name: string, type: Scalar = 'f32'): Operand => ({ name, type, access: 'read' })
export const write = (name: string): Operand => ({ name, type: 'f32', access: 'write' })
export const update = (name: string): Operand => ({ name, type: 'f32', access: 'update' })

/** A float32 constant in WGSL. */
export const literal = (value: number): string => `${Math.fround(value)}f`

const LIMIT = 65535

interface Grid {
  readonly groups: readonly [number, number, number]
  /** The workgroup's number, counted through. Beyond the last one there may be idle workgroups. */
  readonly index: string
}

/** `count` workgroups in a row, folded where one axis does not take so many. */
export function grid(count: number): Grid {
  const [x, y] = [Math.min(count, LIMIT), Math.ceil(count / LIMIT)]
  return { groups: [x, y, 1], index: y === 1 ? 'group.x' : `(group.y * ${x}u + group.x)` }
}

const FLAT_THREADS = 256

/** One thread for each i below `count`. */
export function flatKernel(kernel: Omit<Kernel, 'threads' | 'groups'>, count: number): Kernel {
  const { groups, index } = grid(Math.ceil(count / FLAT_THREADS))
  const body = `let i = ${index} * ${FLAT_THREADS}u + lane;\nif (i >= ${count}u) { return; }\n${kernel.body}`
  return { ...kernel, threads: FLAT_THREADS, groups, body }
}

export const UNIT_THREADS = 64

/** One workgroup of {@link UNIT_THREADS} for each `unit` below `count`: a row, a query's head, an element of a sum. */
export function unitKernel(kernel: Omit<Kernel, 'threads' | 'groups'>, count: number): Kernel {
  const { groups, index } = grid(count)
  const body = `let unit = ${index};\nif (unit >= ${count}u) { return; }\n${kernel.body}`
  return { ...kernel, threads: UNIT_THREADS, groups, body }
}

/** A loop of a workgroup's threads over 0 … count − 1. */
export const strided = (variable: string, count: number, body: string, threads = UNIT_THREADS): string =>
  `for (var ${variable} = lane; ${variable} < ${count}u; ${variable} += ${threads}u) { ${body} }`

/** Declares `name(lane, value)`: all threads' values combined pairwise, in an order that never changes. */
export function workgroupReduction(
  name: string,
  combine: (a: string, b: string) => string,
  threads = UNIT_THREADS,
): string {
  const at = (index: string): string => `${name}_parts[${index}]`
  return `
var<workgroup> ${name}_parts: array<f32, ${threads}>;
fn ${name}(lane: u32, value: f32) -> f32 {
  ${at('lane')} = value;
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    if (lane < half) { ${at('lane')} = ${combine(at('lane'), at('lane + half'))}; }
    workgroupBarrier();
  }
  let all = ${at('0')};
  workgroupBarrier();
  return all;
}`
}

export const sumReduction = (threads = UNIT_THREADS): string =>
  workgroupReduction('sum_all', (a, b) => `${a} + ${b}`, threads)
export const maxReduction = workgroupReduction('max_all', (a, b) => `max(${a}, ${b})`)

const strides = (shape: Shape): number[] => shape.map((_, axis) => elements(shape.slice(axis + 1)))

/**
 * WGSL for a sum over axes: the axis' position in `flat`, which counts through `shape`, times its stride. Axes with
 * stride 0 and of size 1 vanish.
 */
export function stridedIndex(flat: string, shape: Shape, stride: readonly number[]): string {
  const own = strides(shape)
  const terms = shape.flatMap((n, axis) => {
    if (n === 1 || stride[axis] === 0) return []
    const above = own[axis] === 1 ? flat : `${flat} / ${own[axis]}u`
    const position = elements(shape.slice(0, axis)) === 1 ? above : `(${above}) % ${n}u`
    return [stride[axis] === 1 ? `(${position})` : `(${position}) * ${stride[axis]}u`]
  })
  return terms.join(' + ') || '0u'
}

/** For an element of `shape`, counted by `flat`, the index of the element of `source` that broadcasting repeats there. */
export function broadcastIndex(flat: string, shape: Shape, source: Shape): string {
  if (elements(source) === elements(shape)) return flat
  const lead = shape.length - source.length
  const own = strides(source)
  const stride = shape.map((_, axis) => (axis < lead || source[axis - lead] === 1 ? 0 : (own[axis - lead] as number)))
  return stridedIndex(flat, shape, stride)
}
