/** What an operand's elements are. `u32` reads the bits of what is stored there as something else. */
export type Scalar = 'f32' | 'i32' | 'u32'

/**
 * A buffer that a kernel sees. Its body never touches the buffer itself: `read` gives it a function `name(i)`, `write` a
 * function `put_name(i, value)`, `update` both. So the same body serves a slot, rows of one, and a sum.
 */
export interface Operand {
  readonly name: string
  readonly type: Scalar
  readonly access: 'read' | 'write' | 'update'
}

/** A compute shader for one shape: all sizes are constants in its text. */
export interface Kernel {
  /** For people: labels in error messages and profilers. */
  readonly name: string
  /** At most 8: what every WebGPU device can bind. */
  readonly operands: readonly Operand[]
  /** Threads of a workgroup. */
  readonly threads: number
  /** Workgroups, at most 65535 along an axis. */
  readonly groups: readonly [number, number, number]
  /** Workgroup memory and functions. */
  readonly declarations?: string
  /** Statements; `group` is the workgroup's number (vec3) and `lane` the thread's in it. */
  readonly body: string
}

/** How one use of a kernel differs from the plain one, operand by operand. */
export interface Variant {
  /** The operand begins somewhere inside its buffer; where, a uniform says. */
  readonly shifted: readonly boolean[]
  /** What is put is added to what is there. */
  readonly accumulating: readonly boolean[]
}

function accessors({ name, type, access }: Operand, index: number, { shifted, accumulating }: Variant): string {
  const at = shifted[index] ? `i + starts[${Math.floor(index / 4)}][${index % 4}]` : 'i'
  const mode = access === 'read' ? 'read' : 'read_write'
  const assign = accumulating[index] ? '+=' : '='
  return [
    `@group(0) @binding(${index}) var<storage, ${mode}> ${name}_data: array<${type}>;`,
    ...(access === 'write' ? [] : [`fn ${name}(i: u32) -> ${type} { return ${name}_data[${at}]; }`]),
    ...(access === 'read' ? [] : [`fn put_${name}(i: u32, value: ${type}) { ${name}_data[${at}] ${assign} value; }`]),
  ].join('\n')
}

/** The shader's text, which is also its identity: equal texts share a pipeline. */
export function kernelSource(kernel: Kernel, variant: Variant): string {
  const { operands, threads, declarations = '', body } = kernel
  const starts = `@group(0) @binding(${operands.length}) var<uniform> starts: array<vec4<u32>, ${startVectors(operands.length)}>;`
  return [
    ...operands.map((operand, i) => accessors(operand, i, variant)),
    ...(variant.shifted.some(Boolean) ? [starts] : []),
    declarations,
    `@compute @workgroup_size(${threads})`,
    'fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {',
    body,
    '}',
  ].join('\n')
}

/** Four starts share a vector: elements of an array in a uniform are 16 bytes apart. */
export const startVectors = (operands: number): number => Math.ceil(operands / 4)
