import type { FailureSentence } from './failure-sentences'
import type { Locale } from '../../preload/contract'

/** Why a row cannot be used, by code; made like the sentences of failures, and otherwise said in the problem's own words. */
export const problemSentences: Readonly<Partial<Record<Locale, Readonly<Record<string, readonly FailureSentence[]>>>>> =
  {
    zh: {
      'empty-header': [{ what: '这一列没有名称。' }],
      'duplicate-header': [{ what: '两列的名称相同。' }],
      'invalid-utf8': [{ what: '这里有不属于 UTF-8 的字节。', advice: '请选择正确的编码，或另存为 UTF-8。' }],
      'invalid-encoding': [{ what: '这里有不属于所选编码的字节。', advice: '请选择另一种编码，或另存为 UTF-8。' }],
      'json-syntax': [{ what: '这里不是有效的 JSON。' }],
      'misplaced-quote': [{ what: '引号的位置不对。' }],
      'unclosed-quote': [{ what: '引号没有结束。' }],
      'not-an-object': [{ what: '这一行不是 JSON 对象。' }],
      'row-not-object': [{ what: '这一行不是 JSON 对象。' }],
      'ragged-row': [{ what: '这一行的列数与表头不同。' }],
      'rest-unread': [{ what: '从这里起的内容无法读取。' }],
      'row-too-long': [{ what: '这一行太长，已略过。' }],
      'field-missing': [{ what: '缺少字段 “{field}”。' }, { what: '缺少一个字段。' }],
      'field-type': [{ what: '字段 “{field}” 的类型不对。' }, { what: '有一个字段的类型不对。' }],
      'prompt-empty': [{ what: '提示是空的。' }],
      'answer-empty': [{ what: '回答是空的。' }],
      'text-empty': [{ what: '文本是空的。' }],
      'conversation-empty': [{ what: '对话是空的。' }],
      'role-unknown': [{ what: '“{field}” 的角色未知。' }, { what: '有一个未知的角色。' }],
      'no-answer': [{ what: '对话中没有回答。' }],
      'ends-without-answer': [{ what: '对话没有以回答结束。' }],
    },
  }
