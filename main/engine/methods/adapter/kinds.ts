import type { Activation } from '../../graph'
import type { Sublayer } from '../../nn'

/** How the weights of a bottleneck begin; AdapterHub's names. */
export type Initialisation = 'bert' | 'mam_adapter'

/**
 * Where bottlenecks stand and what they read, on a decoder whose norms stand before its sublayers. With x the residual
 * stream, a what the sublayer adds to it and B(u) = Up f(Down u):
 * output: x + a + B(a) · sum: x + a + B(a + x) · stream: x + a + B(x)
 * (AdapterHub's `adapters` 1.2, `methods/modeling.py` and `methods/bottleneck.py`.)
 */
export interface AdapterKind {
  readonly after: readonly Sublayer[]
  readonly reads: 'output' | 'sum' | 'stream'
  /** What the paper's authors, and AdapterHub's preset of this name, chose. */
  readonly activation: ActivationName
  readonly scaling: number
  readonly initialisation: Initialisation
}

export type KindName = 'houlsby' | 'pfeiffer' | 'parallel'

export const adapterKinds: Readonly<Record<KindName, AdapterKind>> = {
  houlsby: { after: ['attention', 'mlp'], reads: 'output', activation: 'swish', scaling: 1, initialisation: 'bert' },
  pfeiffer: { after: ['mlp'], reads: 'sum', activation: 'relu', scaling: 1, initialisation: 'bert' },
  parallel: { after: ['mlp'], reads: 'stream', activation: 'relu', scaling: 4, initialisation: 'mam_adapter' },
}

export type ActivationName = 'relu' | 'swish' | 'gelu_new' | 'tanh'

export const activations: Readonly<Record<ActivationName, Activation>> = {
  relu: 'relu',
  swish: 'silu',
  gelu_new: 'geluTanh',
  tanh: 'tanh',
}

/** Other names of the same functions in transformers, and so in AdapterHub's files. */
export const activationAliases: Readonly<Record<string, ActivationName>> = {
  silu: 'swish',
  gelu_pytorch_tanh: 'gelu_new',
}
