/** Numbers that are summed side by side: four registers of eight. */
const LANES = 8
const COLUMNS = 4 * LANES
/** Sums of sums of sums: as many levels. */
const LEVELS = 4

/** Rows that one level sums before it hands its sum to the next, as a power of two. */
const levelPower = (rows: number): number =>
  Math.max(4, Math.floor((rows > 1 ? Math.ceil(Math.log2(rows)) : 0) / LEVELS))

const addTo = (sums: Float32Array, addends: Float32Array): void => {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + addends[i]!
}

/** Column sums of rows of 32, cascaded so that rounding errors do not pile up. */
function columnSums(values: Float32Array, rows: number): Float32Array {
  const levels = Array.from({ length: LEVELS }, () => new Float32Array(COLUMNS))
  const power = levelPower(rows)
  const step = 2 ** power
  for (let row = 0; row < rows; row++) {
    addTo(levels[0]!, values.subarray(row * COLUMNS, (row + 1) * COLUMNS))
    // A level that is full is handed up, and its successor too where that has become full.
    for (let level = 1, full = step; level < LEVELS && (row + 1) % full === 0; level++, full *= step) {
      addTo(levels[level]!, levels[level - 1]!)
      levels[level - 1]!.fill(0)
    }
  }
  for (const level of levels.slice(1)) addTo(levels[0]!, level)
  return levels[0]!
}

/**
 * The mean as PyTorch computes it on a CPU with one thread: every sum rounded to float32, in PyTorch's order
 * (aten/src/ATen/native/cpu/SumKernel.cpp). Another order gives other last digits, and with them other scales than those
 * that bitsandbytes writes.
 */
export function float32Mean(values: Float32Array): number {
  const rows = Math.floor(values.length / COLUMNS)
  const columns = columnSums(values, rows)
  const lanes = columns.subarray(0, LANES)
  let at = rows * COLUMNS
  for (; at + LANES <= values.length; at += LANES) addTo(lanes, values.subarray(at, at + LANES))
  for (let register = LANES; register < COLUMNS; register += LANES)
    addTo(lanes, columns.subarray(register, register + LANES))
  const sum = [...values.subarray(at), ...lanes].reduce((total, value) => Math.fround(total + value), 0)
  return Math.fround(sum / Math.max(1, values.length))
}
