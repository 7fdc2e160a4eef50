import { elements, type Activation } from '../../../graph'
import { term, type Lowering } from './lowering'
import { flatKernel, literal, read, write } from './templates'

/** Below −80 a sigmoid is 0 in float32, and exp must not overflow. */
const sigmoid = 'fn sigmoid(x: f32) -> f32 { return 1.0f / (1.0f + exp(-max(x, -80.0f))); }'

/** Beyond 15 tanh is 1 in float32; devices differ in what they make of larger numbers. */
const hyperbolic = 'fn bounded_tanh(x: f32) -> f32 { return tanh(clamp(x, -15.0f, 15.0f)); }'

const ROOT = literal(Math.sqrt(2 / Math.PI))

/** `at` and `slope`: an activation φ and its derivative. */
const activations: { readonly [A in Activation]: string } = {
  silu: `
${sigmoid}
fn at(x: f32) -> f32 { return x * sigmoid(x); }
fn slope(x: f32) -> f32 { let s = sigmoid(x); return s * (1.0f + x * (1.0f - s)); }`,
  relu: `
fn at(x: f32) -> f32 { return max(x, 0.0f); }
fn slope(x: f32) -> f32 { return select(0.0f, 1.0f, x > 0.0f); }`,
  geluTanh: `
${hyperbolic}
fn inner(x: f32) -> f32 { return bounded_tanh(${ROOT} * x * (1.0f + 0.044715f * x * x)); }
fn at(x: f32) -> f32 { return 0.5f * x * (1.0f + inner(x)); }
fn slope(x: f32) -> f32 {
  let t = inner(x);
  return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * ${ROOT} * (1.0f + 0.134145f * x * x);
}`,
  tanh: `
${hyperbolic}
fn at(x: f32) -> f32 { return bounded_tanh(x); }
fn slope(x: f32) -> f32 { let t = bounded_tanh(x); return 1.0f - t * t; }`,
  sigmoid: `
${sigmoid}
fn at(x: f32) -> f32 { return sigmoid(x); }
fn slope(x: f32) -> f32 { let s = sigmoid(x); return s * (1.0f - s); }`,
}

export const activation: Lowering<'activation'> = (e, inputs, attributes) => {
  const { shape } = term(inputs, 0)
  const declarations = activations[attributes.activation]
  const kernel = { name: 'activation', operands: [read('x'), write('y')], declarations, body: 'put_y(i, at(x(i)));' }
  return [e.one(flatKernel(kernel, elements(shape)), inputs, shape)]
}

export const activationGrad: Lowering<'activationGrad'> = (e, inputs, attributes) => {
  const { shape } = term(inputs, 0)
  const operands = [read('dy'), read('x'), write('dx')]
  const declarations = activations[attributes.activation]
  const kernel = { name: 'activationGrad', operands, declarations, body: 'put_dx(i, dy(i) * slope(x(i)));' }
  return [e.one(flatKernel(kernel, elements(shape)), inputs, shape)]
}

export const gatedActivation: Lowering<'gatedActivation'> = (e, inputs, attributes) => {
  const { shape } = term(inputs, 0)
  const operands = [read('gate'), read('up'), write('y')]
  const kernel = { name: 'gatedActivation', operands, declarations: activations[attributes.activation] }
  return [e.one(flatKernel({ ...kernel, body: 'put_y(i, at(gate(i)) * up(i));' }, elements(shape)), inputs, shape)]
}

export const gatedActivationGrad: Lowering<'gatedActivationGrad'> = (e, inputs, attributes) => {
  const { shape } = term(inputs, 0)
  const operands = [read('dy'), read('gate'), read('up'), write('dgate'), write('dup')]
  const body = `
    put_dgate(i, dy(i) * up(i) * slope(gate(i)));
    put_dup(i, dy(i) * at(gate(i)));`
  const kernel = { name: 'gatedActivationGrad', operands, declarations: activations[attributes.activation], body }
  return e.emit(flatKernel(kernel, elements(shape)), inputs, [shape, shape])
}
