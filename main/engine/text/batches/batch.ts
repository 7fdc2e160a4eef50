/** A label that bears no loss. */
export const ignoredLabel = -100

/**
 * What one step is fed: B rows of T tokens, padded on the right. `first` and `last` say for every query which keys of
 * its own row it attends to (an inclusive range); causal rows have 0..t, packed documents start later.
 */
export interface Batch {
  /** B */
  readonly rows: number
  /** T */
  readonly length: number
  /** [B, T] */
  readonly ids: Int32Array
  /** [B, T], counted from 0 in every document. */
  readonly positions: Int32Array
  /** [B, T], already shifted: the token that should follow each token, or a text's class at its last one, or {@link ignoredLabel}. */
  readonly labels: Int32Array
  /** [B, T] */
  readonly first: Int32Array
  /** [B, T] */
  readonly last: Int32Array
  /** Real tokens, without padding. */
  readonly tokens: number
  /** Labels that bear loss: the N that the summed loss is divided by, added up over a whole optimizer step. */
  readonly trainedTokens: number
}
