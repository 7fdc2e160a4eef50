/** A seeded stream of random numbers. The state is a plain number, so that it can be stored and restored exactly. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits. */
  next(): number
  /** Uniform integer in [0, n). */
  integer(n: number): number
  /** Standard normal (Box-Muller). */
  normal(): number
  state(): number
}

/** Murmur3's 32-bit finaliser: a bijection in which every input bit changes every output bit. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Uniform in [0, 1) as a pure function of its arguments: random access, for dropout masks that must be recomputed. */
export function hashUniform(seed: number, stream: number, index: number): number {
  return mix(mix(mix(seed) ^ stream) ^ index) / 4294967296
}

/** Weyl sequence through the finaliser (splitmix32). */
export function createRng(seed: number): Rng {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state) / 4294967296
  }
  return {
    next,
    integer: (n) => Math.floor(next() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    state: () => state,
  }
}

/** A seed for one purpose, so that two uses of the same run seed never share a stream. */
export function deriveSeed(seed: number, purpose: string): number {
  let h = seed >>> 0
  for (let i = 0; i < purpose.length; i++) h = mix(h ^ Math.imul(purpose.charCodeAt(i), 0x9e3779b1))
  return h
}
