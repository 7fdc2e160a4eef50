import { beforeAll, describe, expect, it } from 'vitest'
import {
  createBuiltInTemplate,
  createChatTemplate,
  encodeContent,
  loadChatTemplate,
  type ChatMessage,
  type Tokenizer,
} from '../../../main/engine/text'
import { memoryFiles } from './memory-files'
import { loadStarter, loadVariation, starterFiles } from './starter'
import { templateStyles } from './template-styles'

const talk: readonly ChatMessage[] = [
  { role: 'user', content: 'Hi <b>&</b>' },
  { role: 'assistant', content: 'Hello' },
]
const asked = { addGenerationPrompt: true }
const answered = { addGenerationPrompt: false }

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await loadStarter()
})

function render(source: string, messages = talk, options = answered): string {
  return createChatTemplate(source, 'chat_template.jinja', tokenizer, {}).render(messages, options)
}

describe('rendering', () => {
  it('drops the blanks around blocks as transformers does', () => {
    expect(render(templateStyles.chatml, talk, asked)).toBe(
      '<|im_start|>user\nHi <b>&</b><|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>assistant\n',
    )
  })

  it('offers the special tokens, and none for tools', () => {
    expect(render('{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ missing is defined }}')).toBe(
      '<|endoftext|><|im_end|>truefalse',
    )
  })

  it('counts like Python and leaves loops early', () => {
    const source =
      '{% for i in range(5, 0, -2) %}{% if i == 1 %}{% break %}{% endif %}{{ i }} {% endfor %}{{ range(2) | length }}'
    expect(render(source)).toBe('5 3 2')
  })

  it('ignores the marks of assistant spans', () => {
    expect(render('{% for m in messages %}{% generation %}{{ m.content[0] }}{% endgeneration %}{% endfor %}')).toBe(
      'HH',
    )
  })

  it('shows the given date in English, and none where the host gave none', () => {
    const source =
      '{% if strftime_now is defined %}{{ strftime_now("%d %b %Y, %B %-d %H:%M %y%% %Q") }}{% else %}never{% endif %}'
    const now = { year: 2031, month: 5, day: 4, hour: 7, minute: 9 }
    const dated = createChatTemplate(source, 'chat_template.jinja', tokenizer, { now })
    expect(dated.render(talk, answered)).toBe('04 May 2031, May 4 07:09 31% %Q')
    expect(render(source)).toBe('never')
  })

  it("names the template's own complaint", () => {
    expect(() => render(templateStyles.strict, talk.slice(1))).toThrowError(
      expect.objectContaining({ code: 'template-failed', message: expect.stringContaining('roles must alternate') }),
    )
  })

  it('refuses a template that cannot be parsed', () => {
    expect(() => render('{% for %}')).toThrowError(expect.objectContaining({ code: 'template-failed' }))
  })
})

describe('loadChatTemplate', () => {
  const load = (files: Record<string, string>): ReturnType<typeof loadChatTemplate> =>
    loadChatTemplate(memoryFiles(files), tokenizer)
  const config = (chat_template: unknown): string => JSON.stringify({ chat_template })

  it('prefers chat_template.jinja', async () => {
    const files = { 'chat_template.jinja': 'file', 'tokenizer_config.json': config('config') }
    expect(await load(files)).toMatchObject({ origin: 'chat_template.jinja', source: 'file' })
  })

  it('takes the one of the tokenizer configuration', async () => {
    expect(await load({ 'tokenizer_config.json': config('config') })).toMatchObject({
      origin: 'tokenizer_config.json',
      source: 'config',
    })
  })

  it('takes the default of several', async () => {
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ]
    expect((await load({ 'tokenizer_config.json': config(named) })).source).toBe('plain')
    expect((await load({ 'tokenizer_config.json': config(named.slice(0, 1)) })).source).toBe('tools')
  })

  it("finds the starter model's, which writes what the built-in one writes", async () => {
    const own = await loadChatTemplate(starterFiles, tokenizer)
    const builtIn = await load({})
    expect([own.origin, builtIn.origin]).toEqual(['chat_template.jinja', 'built-in'])
    expect(builtIn.render(talk, asked)).toBe(own.render(talk, asked))
  })
})

describe('the built-in template', () => {
  it("ends turns with the model's own end token where the vocabulary has no ChatML", async () => {
    const plain = await loadVariation({
      tokens: ['</s>'],
      config: { eos_token: '</s>' },
      without: ['<|im_start|>', '<|im_end|>'],
    })
    const template = createBuiltInTemplate(plain)
    expect(template.render(talk.slice(1), answered)).toBe('<|im_start|>assistant\nHello</s>\n')
    const { ids, trained } = encodeContent(plain, template, { kind: 'messages', messages: talk })
    const said = [...ids].filter((_, index) => trained[index] === 1)
    expect(said.at(-1)).toBe(plain.eosIds[0])
    expect(plain.decode(said, { skipSpecialTokens: true })).toBe('Hello')
  })

  it('starts with the start token where the tokenizer puts one before every text', async () => {
    const starting = await loadVariation({ config: { bos_token: '<|endoftext|>' }, definition: startTokenProcessor })
    expect(createBuiltInTemplate(starting).render(talk.slice(0, 1), answered)).toMatch(
      /^<\|endoftext\|><\|im_start\|>user/,
    )
  })
})

const startTokenProcessor = {
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<|endoftext|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<|endoftext|>': { id: '<|endoftext|>', ids: [0], tokens: ['<|endoftext|>'] } },
  },
}
