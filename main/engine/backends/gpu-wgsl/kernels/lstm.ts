import { elements } from '../../../graph'
import { size, term, type Lowering } from './lowering'
import { flatKernel, read, write } from './templates'

/** Beyond these arguments the functions have their limits in float32, and exp must not overflow. */
const functions = `
fn sigmoid(x: f32) -> f32 { return 1.0f / (1.0f + exp(-max(x, -80.0f))); }
fn bounded_tanh(x: f32) -> f32 { return tanh(clamp(x, -15.0f, 15.0f)); }`

/** Statements for element `i` of the cell: the gates of its row, the cell before and after, and tanh of that. */
const cell = (width: number, hasCell: boolean): string => `
    let base = i / ${width}u * ${4 * width}u + i % ${width}u;
    let in_gate = sigmoid(z(base));
    let forget = sigmoid(z(base + ${width}u));
    let fresh = bounded_tanh(z(base + ${2 * width}u));
    let out_gate = sigmoid(z(base + ${3 * width}u));
    let before = ${hasCell ? 'c(i)' : '0.0f'};
    let after = forget * before + in_gate * fresh;
    let t = bounded_tanh(after);`

const operandsOf = (hasCell: boolean) => [read('z'), ...(hasCell ? [read('c')] : [])]

export const lstmCell: Lowering<'lstmCell'> = (e, inputs) => {
  const [z, hasCell] = [term(inputs, 0), inputs.length > 1]
  const shape = [size(z, 0), size(z, 1) / 4]
  const body = `${cell(size(z, 1) / 4, hasCell)}
    put_next_h(i, out_gate * t);
    put_next_c(i, after);`
  const operands = [...operandsOf(hasCell), write('next_h'), write('next_c')]
  const kernel = { name: 'lstmCell', operands, declarations: functions, body }
  return e.emit(flatKernel(kernel, elements(shape)), inputs, [shape, shape])
}

/** A thread for each element of the cell. */
export const lstmCellGrad: Lowering<'lstmCellGrad'> = (e, inputs, { of }) => {
  const given = of === 'both' ? 2 : 1
  const [z, hasCell] = [term(inputs, given), inputs.length > given + 1]
  const width = size(z, 1) / 4
  const shape = [size(z, 0), width]
  const body = `${cell(width, hasCell)}
    let dh = ${of === 'cell' ? '0.0f' : 'hidden(i)'};
    let delta = ${of === 'hidden' ? '0.0f' : 'kept(i)'} + dh * out_gate * (1.0f - t * t);
    put_dz(base, delta * fresh * in_gate * (1.0f - in_gate));
    put_dz(base + ${width}u, delta * before * forget * (1.0f - forget));
    put_dz(base + ${2 * width}u, delta * in_gate * (1.0f - fresh * fresh));
    put_dz(base + ${3 * width}u, dh * t * out_gate * (1.0f - out_gate));
    ${hasCell ? 'put_dc(i, delta * forget);' : ''}`
  const gradients = of === 'both' ? [read('hidden'), read('kept')] : [read(of === 'hidden' ? 'hidden' : 'kept')]
  const operands = [...gradients, ...operandsOf(hasCell), write('dz'), ...(hasCell ? [write('dc')] : [])]
  const kernel = { name: 'lstmCellGrad', operands, declarations: functions, body }
  return e.emit(flatKernel(kernel, elements(shape)), inputs, hasCell ? [z.shape, shape] : [z.shape])
}
