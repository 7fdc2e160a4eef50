/** A value of Thrift's compact protocol, as far as Parquet's metadata needs it. */
type Thrift =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly Thrift[] }
  /** By the numbers of the fields, ascending. */
  | { readonly struct: Readonly<Record<number, Thrift>> }

const typeCode = (value: Thrift): number =>
  'i32' in value ? 5 : 'i64' in value ? 6 : 'text' in value ? 8 : 'list' in value ? 9 : 12

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return [...bytes, rest]
}

function thrift(value: Thrift): number[] {
  // Numbers are written zigzag; none here is negative.
  if ('i32' in value) return varint(2 * value.i32)
  if ('i64' in value) return varint(2 * value.i64)
  if ('text' in value) return [...varint(Buffer.byteLength(value.text)), ...Buffer.from(value.text)]
  if ('list' in value) {
    const [first = { i32: 0 }] = value.list
    return [0xf0 | typeCode(first), ...varint(value.list.length), ...value.list.flatMap(thrift)]
  }
  let last = 0
  const fields = Object.entries(value.struct).flatMap(([key, field]) => {
    const header = ((Number(key) - last) << 4) | typeCode(field)
    last = Number(key)
    return [header, ...thrift(field)]
  })
  return [...fields, 0]
}

const [BYTE_ARRAY, REQUIRED, UTF8, PLAIN, RLE] = [6, 0, 0, 0, 3]

function pageOf(texts: readonly string[]): Buffer {
  const data = Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(Buffer.byteLength(text))
      return [length, Buffer.from(text)]
    }),
  )
  const page = { 1: { i32: texts.length }, 2: { i32: PLAIN }, 3: { i32: RLE }, 4: { i32: RLE } }
  const sizes = { 2: { i32: data.length }, 3: { i32: data.length } }
  const header = thrift({ struct: { 1: { i32: 0 }, ...sizes, 5: { struct: page } } })
  return Buffer.concat([Buffer.from(header), data])
}

/** A Parquet file of text columns: one row group, one page a column, not compressed. Names and texts must be Unicode. */
export function writeParquet(columns: readonly string[], rows: readonly (readonly string[])[]): Buffer {
  const pages = columns.map((_, at) => pageOf(rows.map((row) => row[at] ?? '')))
  let offset = 4
  const chunks = pages.map((page, at): Thrift => {
    const sizes = { 6: { i64: page.length }, 7: { i64: page.length }, 9: { i64: offset } }
    const path = { list: [{ text: columns[at] as string }] }
    const meta = {
      1: { i32: BYTE_ARRAY },
      2: { list: [{ i32: PLAIN }] },
      3: path,
      4: { i32: 0 },
      5: { i64: rows.length },
    }
    offset += page.length
    return { struct: { 2: { i64: offset - page.length }, 3: { struct: { ...meta, ...sizes } } } }
  })
  const root: Thrift = { struct: { 4: { text: 'schema' }, 5: { i32: columns.length } } }
  const leaves = columns.map((name): Thrift => {
    return { struct: { 1: { i32: BYTE_ARRAY }, 3: { i32: REQUIRED }, 4: { text: name }, 6: { i32: UTF8 } } }
  })
  const group: Thrift = { struct: { 1: { list: chunks }, 2: { i64: offset - 4 }, 3: { i64: rows.length } } }
  const schema = { list: [root, ...leaves] }
  const footer = Buffer.from(
    thrift({ struct: { 1: { i32: 1 }, 2: schema, 3: { i64: rows.length }, 4: { list: [group] } } }),
  )
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([Buffer.from('PAR1'), ...pages, footer, length, Buffer.from('PAR1')])
}
