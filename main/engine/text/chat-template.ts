import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { GraftError } from '../errors'
import type { FileSource } from '../tensor'
import { isObject, readJsonObject, readText } from './read-files'
import type { ChatMessage } from './records/row-content'
import { strftime, type Moment } from './strftime'
import type { Tokenizer } from './tokenizer'

export interface RenderOptions {
  /** Whether to end with the words that make the model answer, for example `<|im_start|>assistant\n`. */
  readonly addGenerationPrompt: boolean
}

/** Writes a conversation as the one text that the model was trained on. */
export interface ChatTemplate {
  /** Where the template comes from; 'built-in' where the model has none. */
  readonly origin: 'chat_template.jinja' | 'tokenizer_config.json' | 'built-in'
  /** The template's own text, to be kept beside an adapter. */
  readonly source: string
  /** @throws GraftError 'template-failed' with the template's own complaint. */
  render(messages: readonly ChatMessage[], options: RenderOptions): string
}

export interface TemplateOptions {
  /** What `strftime_now` shows. Without it templates fall back to the fixed date that they carry. */
  readonly now?: Moment
}

/**
 * Loads the chat template of a model folder: chat_template.jinja wins over the one in tokenizer_config.json (of a list
 * of named templates, the one named 'default' or else the first). A model without one gets the built-in ChatML.
 * @throws GraftError 'template-failed' where the template cannot be parsed.
 */
export async function loadChatTemplate(
  files: FileSource,
  tokenizer: Tokenizer,
  options: TemplateOptions = {},
): Promise<ChatTemplate> {
  const own = await readText(files, 'chat_template.jinja')
  if (own !== undefined) return createChatTemplate(own, 'chat_template.jinja', tokenizer, options)
  const config = await readJsonObject(files, 'tokenizer_config.json', 'tokenizer-invalid')
  const configured = templateText(config?.['chat_template'])
  if (configured !== undefined) return createChatTemplate(configured, 'tokenizer_config.json', tokenizer, options)
  return createBuiltInTemplate(tokenizer)
}

/**
 * ChatML. Where the vocabulary lacks ChatML's end mark, turns end with the tokenizer's end token instead, so that the
 * model learns to stop with a token that generation knows.
 */
export function createBuiltInTemplate(tokenizer: Tokenizer): ChatTemplate {
  const imEnd = '<|im_end|>'
  const end = tokenizer.idOf(imEnd) === undefined ? (tokenizer.namedTokens['eos_token'] ?? imEnd) : imEnd
  const startsWithBos =
    tokenizer.bosId !== undefined && tokenizer.encode('', { addSpecialTokens: true })[0] === tokenizer.bosId
  const start = startsWithBos ? (tokenizer.tokenOf(tokenizer.bosId) ?? '') : ''
  const source =
    `{{ ${JSON.stringify(start)} }}{% for message in messages %}` +
    `{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + ${JSON.stringify(end)} + '\\n' }}{% endfor %}` +
    `{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`
  return createChatTemplate(source, 'built-in', tokenizer, {})
}

/** @throws GraftError 'template-failed' where the source cannot be parsed. */
export function createChatTemplate(
  source: string,
  origin: ChatTemplate['origin'],
  tokenizer: Pick<Tokenizer, 'namedTokens'>,
  options: TemplateOptions,
): ChatTemplate {
  const program = attempt('a template that can be parsed', () =>
    parse(tokenize(source, { trim_blocks: true, lstrip_blocks: true })),
  )
  const globals = templateGlobals(tokenizer.namedTokens, options.now)
  return {
    origin,
    source,
    render: (messages, { addGenerationPrompt }) =>
      attempt(`to write ${messages.length} messages`, () => {
        const environment = new Environment()
        const variables = { ...globals, messages, add_generation_prompt: addGenerationPrompt }
        for (const [name, value] of Object.entries(variables)) environment.set(name, value)
        return String(new Interpreter(environment).run(program).value)
      }),
  }
}

/**
 * What transformers offers to every template. The environment is filled here and not by the library, because its own
 * `strftime_now` reads the machine's clock and locale.
 */
function templateGlobals(namedTokens: Readonly<Record<string, string>>, now: Moment | undefined): object {
  return {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    range: pythonRange,
    raise_exception: (message: unknown) => {
      throw new Error(String(message))
    },
    ...(now && { strftime_now: (format: unknown) => strftime(now, String(format)) }),
    ...namedTokens,
    tools: null,
    documents: null,
  }
}

/** Python's range(stop) and range(start, stop, step). */
function pythonRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const count = step === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / step))
  return Array.from({ length: count }, (_, index) => start + index * step)
}

function templateText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const entries = value.filter(isObject)
  const chosen = entries.find((entry) => entry['name'] === 'default') ?? entries[0]
  return typeof chosen?.['template'] === 'string' ? chosen['template'] : undefined
}

function attempt<T>(expected: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    const advice = 'change the rows to what the template accepts, or choose another model'
    throw new GraftError('template-failed', `chat template: expected ${expected}, got "${cause}"; ${advice}`, { cause })
  }
}
