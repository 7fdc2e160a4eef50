import { createProtoWriter, type ProtoWriter } from './protobuf'

export type OnnxType = 'float' | 'int32' | 'int64'

/** TensorProto.DataType */
const TYPE_CODES: Readonly<Record<OnnxType, number>> = { float: 1, int32: 6, int64: 7 }

/** Whole numbers become INT attributes, `{ float }` FLOAT ones, texts STRING, arrays INTS. */
export type OnnxAttribute = number | string | { readonly float: number } | readonly number[]

export interface OnnxNode {
  readonly op: string
  readonly domain: string
  inputs: string[]
  outputs: string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export interface OnnxValue {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly number[]
}

export interface OnnxConstant extends OnnxValue {
  readonly data: readonly number[]
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxConstant[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

const IR_VERSION = 10
const OPSETS: readonly (readonly [string, number])[] = [
  ['', 21],
  ['com.microsoft', 1],
]

function rawData({ type, data }: OnnxConstant): Uint8Array {
  if (type === 'float') return new Uint8Array(Float32Array.from(data).buffer)
  if (type === 'int32') return new Uint8Array(Int32Array.from(data).buffer)
  return new Uint8Array(BigInt64Array.from(data, BigInt).buffer)
}

/** AttributeProto.AttributeType */
const ATTRIBUTE_CODES = { float: 1, integer: 2, text: 3, integers: 7 } as const

function writeAttribute(w: ProtoWriter, name: string, value: OnnxAttribute): void {
  const code = (kind: keyof typeof ATTRIBUTE_CODES): void => w.integer(20, ATTRIBUTE_CODES[kind])
  w.bytes(1, name)
  if (typeof value === 'number') {
    w.integer(3, value)
    code('integer')
  } else if (typeof value === 'string') {
    w.bytes(4, value)
    code('text')
  } else if ('float' in value) {
    w.float(2, value.float)
    code('float')
  } else {
    for (const item of value) w.integer(8, item)
    code('integers')
  }
}

function writeNode(w: ProtoWriter, { inputs, outputs, op, domain, attributes }: OnnxNode): void {
  for (const name of inputs) w.bytes(1, name)
  for (const name of outputs) w.bytes(2, name)
  w.bytes(4, op)
  for (const [name, value] of Object.entries(attributes)) w.message(5, (a) => writeAttribute(a, name, value))
  if (domain) w.bytes(7, domain)
}

function writeValueInfo(w: ProtoWriter, { name, type, shape }: OnnxValue): void {
  w.bytes(1, name)
  w.message(2, (typeProto) =>
    typeProto.message(1, (tensor) => {
      tensor.integer(1, TYPE_CODES[type])
      tensor.message(2, (dims) => shape.forEach((size) => dims.message(1, (d) => d.integer(1, size))))
    }),
  )
}

function writeConstant(w: ProtoWriter, constant: OnnxConstant): void {
  for (const size of constant.shape) w.integer(1, size)
  w.integer(2, TYPE_CODES[constant.type])
  w.bytes(8, constant.name)
  w.bytes(9, rawData(constant))
}

/** An ONNX ModelProto (onnx.proto, IR version 10). */
export function encodeModel({ nodes, constants, inputs, outputs }: OnnxGraph): Uint8Array {
  const w = createProtoWriter()
  w.integer(1, IR_VERSION)
  w.message(7, (graph) => {
    for (const node of nodes) graph.message(1, (n) => writeNode(n, node))
    graph.bytes(2, 'segment')
    for (const constant of constants) graph.message(5, (c) => writeConstant(c, constant))
    for (const value of inputs) graph.message(11, (v) => writeValueInfo(v, value))
    for (const value of outputs) graph.message(12, (v) => writeValueInfo(v, value))
  })
  for (const [domain, version] of OPSETS)
    w.message(8, (opset) => {
      opset.bytes(1, domain)
      opset.integer(2, version)
    })
  return w.finish()
}
