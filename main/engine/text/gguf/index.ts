export { ggufTokenizerFiles, jsonFiles, tokenizerFromGguf } from './tokenizer-files'
