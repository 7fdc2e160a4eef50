/** Which names of columns go together as question and answer; names are compared without case, blanks, `-` and `_`. */
export interface MappingTemplate {
  /** Each entry is one part of the input, by any of its names; the first must be there, the others may be. */
  readonly input: readonly (readonly string[])[]
  readonly answer: readonly string[]
  /** The answers are labels: the instruction lists them. */
  readonly isLabel?: boolean
}

export const labelNames = [
  'category',
  'intent',
  'sentiment',
  'label',
  'labels',
  'class',
  'verdict',
  'rating',
  '标签',
  '类别',
]

const answerNames = ['answer', 'response', 'output', 'completion', 'reply', 'target', 'answers', '回答', '答案', '输出']

/** The first one that fits decides. */
export const mappingTemplates: readonly MappingTemplate[] = [
  { input: [['meaningrepresentation', 'mr']], answer: ['reference', 'humanreference', 'ref'] },
  { input: [['instruction'], ['input', 'context']], answer: answerNames },
  {
    input: [
      ['question', 'query', '问题'],
      ['context', 'passage', '背景'],
    ],
    answer: answerNames,
  },
  { input: [['prompt', 'input', '输入', '指令']], answer: answerNames },
  { input: [['source', 'src']], answer: ['target', 'tgt'] },
  {
    input: [['document', 'article', 'dialogue', 'passage', 'text', '原文']],
    answer: ['summary', 'highlights', 'abstract', '摘要'],
  },
  {
    input: [
      ['premise', 'sentence1'],
      ['hypothesis', 'sentence2'],
    ],
    answer: labelNames,
    isLabel: true,
  },
  {
    input: [['text', 'sentence', 'review', 'question', 'query', 'utterance', 'message', 'content', 'title', '文本']],
    answer: labelNames,
    isLabel: true,
  },
  { input: [['text']], answer: ['target', ...answerNames] },
]
