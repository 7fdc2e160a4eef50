import type { Value } from '../../graph'
import type { Scope, TrainableParameter, WeightSpec } from '../../nn'
import type { Rng } from '../../rng'
import { elementCount } from '../../tensor'

/** Slots of an encoder's weights, behind which they have PEFT's own names. */
const encoderSlot = (name: string): string => `prompt_encoder.${name}`

export const encoderValue = ({ slot }: Scope, name: string): Value => slot(encoderSlot(name))

/** Numbers that tensors hold together. */
export const countNumbers = (tensors: readonly WeightSpec[]): number =>
  tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0)

const uniform =
  (size: number, bound: number) =>
  (rng: Rng): Float32Array =>
    Float32Array.from({ length: size }, () => (2 * rng.next() - 1) * bound)

/** Numbers of N(0, deviation²). */
export const gaussian =
  (size: number, deviation: number) =>
  (rng: Rng): Float32Array =>
    Float32Array.from({ length: size }, () => deviation * rng.normal())

/** A weight of an encoder, U(−bound, bound). Vectors do not decay. */
export function encoderWeight(name: string, shape: readonly number[], bound: number): TrainableParameter {
  const initial = uniform(elementCount(shape), bound)
  return { name: encoderSlot(name), shape, decay: shape.length > 1, initial }
}

/** What an encoder reads: a learned vector for each virtual token, N(0, 1) as PyTorch's Embedding begins. */
export const encoderEmbedding = (tokens: number, width: number): TrainableParameter => ({
  name: encoderSlot('embedding.weight'),
  shape: [tokens, width],
  decay: true,
  initial: gaussian(tokens * width, 1),
})

/** A layer of an encoder: its weights begin as PyTorch's Linear, U(±1/√in). */
export function linearLayer(name: string, input: number, output: number) {
  const bound = 1 / Math.sqrt(input)
  return {
    output,
    weights: [
      encoderWeight(`${name}.weight`, [output, input], bound),
      encoderWeight(`${name}.bias`, [output], bound),
    ] as const,
    /** x wᵀ + b */
    build: (scope: Scope, x: Value): Value =>
      scope.g.one('linear', [x, encoderValue(scope, `${name}.weight`), encoderValue(scope, `${name}.bias`)], {
        alpha: 1,
      }),
  }
}

export type LinearLayer = ReturnType<typeof linearLayer>

/** Layers one after the other, an activation between them. */
export function stack(layers: readonly LinearLayer[], activation: 'relu' | 'tanh') {
  return {
    weights: layers.flatMap(({ weights }) => weights),
    build: (scope: Scope, x: Value): Value =>
      layers.reduce(
        (h, layer, i) => layer.build(scope, i === 0 ? h : scope.g.one('activation', [h], { activation })),
        x,
      ),
  }
}
