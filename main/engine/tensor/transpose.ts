/** A row-major matrix [rows, columns] turned: a new array [columns, rows]. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c] as number
  return turned
}

/** The same for the bytes of a matrix whose elements have `size` bytes each. */
export function transposeBytes(bytes: Uint8Array, rows: number, columns: number, size: number): Uint8Array {
  const turned = new Uint8Array(bytes.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const from = (r * columns + c) * size
      turned.set(bytes.subarray(from, from + size), (c * rows + r) * size)
    }
  return turned
}
