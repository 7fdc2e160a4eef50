/** How a byte-level vocabulary wants its text cut before merging: named by `tokenizer.ggml.pre`. */
export interface PreTokenizer {
  /** Applied one after another; what matches, and what lies between, is never merged across. */
  readonly splits: readonly string[]
  /** A piece that is a token as a whole is not merged up from its bytes. */
  readonly ignoreMerges: boolean
  /** Whether texts begin with the start token where the file does not say. */
  readonly addBos: boolean
  readonly normalizer: 'NFC' | null
}

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
/** The end of most patterns since GPT-4's: runs of punctuation take their line breaks along, and white space comes last. */
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const WORDS = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+`
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
const LEAD = String.raw`[^\r\n\p{L}\p{N}]?`

const plain = (...splits: string[]): PreTokenizer => ({ splits, ignoreMerges: false, addBos: false, normalizer: null })

const gpt2 = plain(GPT2)
/** Digits stand alone, then as GPT-2. */
const singleDigits = plain(String.raw`\p{N}`, GPT2)
const llama3Split = String.raw`${WORDS}|\p{N}{1,3}|${REST}`
const llama3: PreTokenizer = { ...plain(llama3Split), ignoreMerges: true, addBos: true }
const qwen2: PreTokenizer = { ...plain(String.raw`${WORDS}|\p{N}|${REST}`), normalizer: 'NFC' }
const tekken: PreTokenizer = {
  ...plain(
    [
      `${LEAD}${UPPER}*${LOWER}+`,
      `${LEAD}${UPPER}+${LOWER}*`,
      String.raw`\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    ].join('|'),
  ),
  ignoreMerges: true,
  addBos: true,
}
/** What llama.cpp does where a file does not name its pre-tokenizer: a guess, but the same guess. */
const unnamed = plain(String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, '[0-9][0-9][0-9]')

/** Source: llama.cpp's llama-vocab.cpp, which names in comments the pattern that the model's own tokenizer.json has. */
export const preTokenizers: Readonly<Record<string, PreTokenizer>> = {
  default: unnamed,
  'gpt-2': gpt2,
  'phi-2': gpt2,
  mpt: gpt2,
  olmo: gpt2,
  jais: gpt2,
  smollm: singleDigits,
  starcoder: singleDigits,
  refact: singleDigits,
  codeshell: singleDigits,
  'command-r': singleDigits,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  falcon3: llama3,
  pixtral: llama3,
  dbrx: plain(llama3Split),
  'smaug-bpe': plain(llama3Split),
  qwen2,
  'deepseek-r1-qwen': qwen2,
  tekken,
}
