/** What a model is for: to go on with a text, or to name the class of one. */
export type Task =
  | { readonly kind: 'causal-lm' }
  /** Classes are numbered in the order of their labels. */
  | { readonly kind: 'sequence-classification'; readonly labels: readonly string[] }

export const causalLm: Task = { kind: 'causal-lm' }
