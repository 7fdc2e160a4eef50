import { bpeModel, type TokenizerParts } from './tokenizer-parts'
import {
  readBoolean,
  readNumbers,
  readTexts,
  tokenizerError,
  tokenTypes,
  type GgufVocabulary,
  type Metadata,
} from './vocabulary'

interface Merge {
  readonly left: string
  readonly right: string
  readonly score: number
  /** In code points. */
  readonly lengths: readonly [number, number]
}

/** Tokens that never come out of a merge: their text is a name, not what they stand for. */
const unmerged: readonly number[] = [tokenTypes.unknown, tokenTypes.control, tokenTypes.byte]

/** Every way to put a token together from two others. */
function waysTo(token: string, score: number, ids: ReadonlyMap<string, number>): Merge[] {
  const letters = Array.from(token)
  const ways = letters.slice(1).map((_, i): Merge => {
    const [left, right] = [letters.slice(0, i + 1).join(''), letters.slice(i + 1).join('')]
    return { left, right, score, lengths: [i + 1, letters.length - i - 1] }
  })
  const idOf = (text: string): number => ids.get(text) ?? -1
  return ways
    .filter(({ left, right }) => ids.has(left) && ids.has(right))
    .sort((a, b) => idOf(a.left) - idOf(b.left) || idOf(a.right) - idOf(b.right))
}

/**
 * SentencePiece joins whichever neighbours make the token of the best score, so the merges are the tokens' splits, best
 * score first. Ties in the order that transformers' own conversion has them in.
 */
export function mergesFromScores(vocabulary: GgufVocabulary, scores: ArrayLike<number>): string[] {
  const mergeable = vocabulary.tokens.map((token, id) => ({ token, id }))
  const pieces = mergeable.filter(({ token, id }) => !unmerged.includes(vocabulary.typeOf(id)) && !token.includes(' '))
  const ids = new Map(pieces.map(({ token, id }) => [token, id]))
  return pieces
    .flatMap(({ token, id }) => waysTo(token, scores[id] ?? 0, ids))
    .sort((a, b) => b.score - a.score || b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1])
    .map(({ left, right }) => `${left} ${right}`)
}

function mergesOf(metadata: Metadata, vocabulary: GgufVocabulary): readonly string[] {
  const own = readTexts(metadata, 'tokenizer.ggml.merges')
  if (own) return own
  const scores = readNumbers(metadata, 'tokenizer.ggml.scores', vocabulary.tokens.length)
  if (scores) return mergesFromScores(vocabulary, scores)
  throw tokenizerError('tokenizer.ggml.scores', 'the scores of a llama vocabulary', 'none')
}

/** The marker that SentencePiece writes for a space. */
const SPACE = '▁'

/**
 * `tokenizer.ggml.model` "llama": SentencePiece's BPE (Kudo and Richardson 2018), with bytes for what is not in the
 * vocabulary. As in llama.cpp and in Llama 2's own tokenizer.json, a space is put before the text and after each
 * control token.
 */
export function sentencePieceParts(metadata: Metadata, vocabulary: GgufVocabulary): TokenizerParts {
  const prefix = readBoolean(metadata, 'tokenizer.ggml.add_space_prefix', true)
  const unknown = vocabulary.id('unknown') ?? vocabulary.tokens.indexOf('<unk>')
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: SPACE }
  const decoders = [
    { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ]
  return {
    addBos: true,
    normalizer: { type: 'Sequence', normalizers: [...(prefix ? [{ type: 'Prepend', prepend: SPACE }] : []), spaces] },
    pre_tokenizer: null,
    decoder: { type: 'Sequence', decoders },
    model: bpeModel(vocabulary, mergesOf(metadata, vocabulary), {
      byte_fallback: true,
      fuse_unk: true,
      unk_token: vocabulary.tokens[unknown] ?? null,
    }),
  }
}
