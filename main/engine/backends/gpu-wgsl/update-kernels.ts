import type { AdamwAction, OptimisedParameter } from '../../plan'
import type { Kernel } from './program/kernel'
import { flatKernel, literal, read, sumReduction, update, write } from './kernels/templates'

/** Room for one tensor's sums of squares: as many as an aligned range of a buffer has. */
export const SQUARE_PARTS = 64
const THREADS = 256

/** Σ g² of a tensor in up to {@link SQUARE_PARTS} parts, a workgroup each; the others stay 0, as the buffer began. */
export function squaresKernel(count: number): Kernel {
  const groups = Math.min(SQUARE_PARTS, Math.ceil(count / (8 * THREADS)))
  const body = `
    var sum = 0.0f;
    for (var i = group.x * ${THREADS}u + lane; i < ${count}u; i += ${groups * THREADS}u) { sum += g(i) * g(i); }
    let all = sum_all(lane, sum);
    if (lane == 0u) { put_parts(group.x, all); }`
  const operands = [read('g'), write('parts')]
  const declarations = sumReduction(THREADS)
  return { name: 'squares', operands, threads: THREADS, groups: [groups, 1, 1], declarations, body }
}

/** √ of the sum of all parts. */
export function normKernel(parts: number): Kernel {
  const body = `
    var sum = 0.0f;
    for (var i = lane; i < ${parts}u; i += ${THREADS}u) { sum += parts(i); }
    let all = sum_all(lane, sum);
    if (lane == 0u) { put_norm(0u, sqrt(all)); }`
  const operands = [read('parts'), write('norm')]
  return { name: 'norm', operands, threads: THREADS, groups: [1, 1, 1], declarations: sumReduction(THREADS), body }
}

/** g ← g · min(1, maximum / (norm + 1e-6)) */
export function clipKernel(count: number, maximum: number): Kernel {
  const body = `put_g(i, g(i) * min(1.0f, ${literal(maximum)} / (norm(0u) + 1e-6f)));`
  return flatKernel({ name: 'clip', operands: [read('norm'), update('g')], body }, count)
}

/** What changes from step to step, in the order in which the kernel reads it. */
export function adamwSettings(action: AdamwAction, learningRate: number, step: number): Float32Array {
  const [beta1, beta2] = action.betas
  return Float32Array.of(
    learningRate / (1 - beta1 ** step),
    1 / Math.sqrt(1 - beta2 ** step),
    1 - learningRate * action.weightDecay,
  )
}

/**
 * optim/adamw.ts, an element a thread. Whether the norm is finite is asked of its bits: a shader may compute as if
 * infinities did not exist.
 */
export function adamwKernel(
  count: number,
  { betas, epsilon }: AdamwAction,
  { decay, rate = 1 }: Pick<OptimisedParameter, 'decay' | 'rate'>,
): Kernel {
  const [beta1, beta2] = betas
  const kept = rate === 1 ? 'settings(2u)' : `(1.0f - ${literal(rate)} * (1.0f - settings(2u)))`
  const step = rate === 1 ? 'settings(0u)' : `${literal(rate)} * settings(0u)`
  const body = `
    if ((norm(0u) & 0x7f800000u) == 0x7f800000u) { return; }
    let gi = g(i);
    let mi = m(i) + ${literal(1 - beta1)} * (gi - m(i));
    let vi = ${literal(beta2)} * v(i) + ${literal(1 - beta2)} * gi * gi;
    put_m(i, mi);
    put_v(i, vi);
    let kept = p(i)${decay ? ` * ${kept}` : ''};
    put_p(i, kept - ${step} * mi / (sqrt(vi) * settings(1u) + ${literal(epsilon)}));`
  const operands = [read('norm', 'u32'), read('settings'), read('g'), update('p'), update('m'), update('v')]
  return flatKernel({ name: 'adamw', operands, body }, count)
}
