export { ggufTokenizerFiles, jsonFiles, tokenizerFromGguf } from './tokenizer-files'
export { tokenizerMetadata, type TokenizerEntries, type TokenizerToWrite } from './write/tokenizer-metadata'
