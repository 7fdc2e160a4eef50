export { isExactMatch, labelOf, normaliseAnswer } from './answers'
export { ignoredLabel, type Batch } from './batches/batch'
export { collate, shiftedLabels, type BatchShape, type Example } from './batches/collate'
export { bucketOf, chooseBuckets, LENGTH_GRAIN } from './batches/length-buckets'
export { joinExamples, packExamples, type Packing, type PackingOptions } from './batches/pack-examples'
export { packRows, type PackOptions } from './batches/pack-rows'
export { planEpoch, type EpochOptions } from './batches/plan-epoch'
export { shuffledIndices } from './batches/shuffle'
export { splitGroups } from './batches/split-groups'
export { heldOutCount, splitRows, type RowSplit } from './batches/split-rows'
export {
  countOutcomes,
  shortenPrompt,
  truncate,
  truncationOutcomes,
  type Truncated,
  type TruncationOutcome,
} from './batches/truncate'
export {
  classExample,
  classRenderings,
  encodeClassText,
  type ClassReader,
  type ClassRendering,
  type ClassText,
} from './classes/encode-class'
export { labelledText, orderLabels, plainText, type LabelledText } from './classes/labelled-text'
export {
  createBuiltInTemplate,
  createChatTemplate,
  loadChatTemplate,
  type ChatTemplate,
  type RenderOptions,
  type TemplateOptions,
} from './chat-template'
export { contentKeys, textKeys, type ContentKeys } from './duplicates/content-keys'
export { findLeaks } from './duplicates/find-leaks'
export { identityKeys, identityOf, type IdentityColumns } from './duplicates/identity-keys'
export { encodeChat, encodeContent, encodePrompt, type Prompt, type RowPrompt } from './encode-content'
export { countTargets, createEncoded, type Encoded, type EncodeNote, type TokenSpan, withPlaceholders } from './encoded'
export { detectForm, toContent } from './records/record-forms'
export {
  isRejected,
  recordForms,
  type ChatMessage,
  type ChatRole,
  type ColumnMapping,
  type ContentProblem,
  type Parsed,
  type ProblemCode,
  type RecordForm,
  type Rejected,
  type RowContent,
} from './records/row-content'
export {
  ggufTokenizerFiles,
  jsonFiles,
  tokenizerFromGguf,
  tokenizerMetadata,
  type TokenizerEntries,
  type TokenizerToWrite,
} from './gguf'
export { createStreamDecoder, type StreamDecoder } from './stream-decoder'
export type { Moment } from './strftime'
export { loadTokenizer, type DecodeOptions, type EncodeOptions, type Tokenizer } from './tokenizer'
