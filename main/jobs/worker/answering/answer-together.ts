import { answerPositions } from '../../../advisor'
import { createAdapterRack, createGenerator, type Generator } from '../../../engine/generate'
import { disabled, findMethod } from '../../../engine/methods'
import { loadBaseWeights, type Executor } from '../../../engine/plan'
import { encodeChat } from '../../../engine/text'
import type { SpeakersPayload } from '../../protocol'
import type { JobContext } from '../job-context'
import { openModel, type OpenModel } from '../tuning/open-model'
import { backends } from '../tuning/tuning-engine'
import { withSpeaker } from './speakers'

interface Answer {
  readonly speaker: string
  readonly text: string
  readonly reason: string
}

/** Puts everybody who is to answer beside the others on one loaded model, in their order. */
async function seat(
  { speakers, sampling }: SpeakersPayload,
  promptTokens: number,
  model: OpenModel,
  executor: Executor,
  context: JobContext,
): Promise<Generator[]> {
  const { definition, tokenizer } = model
  const maxLength = answerPositions(definition)
  const options = { model: definition, executor, tokenizer, maxLength, breathe: () => context.pass() }
  const rack = createAdapterRack({ ...options, answer: { promptTokens, newTokens: sampling.maxNewTokens } })
  const generators: Generator[] = []
  for (const [done, speaker] of speakers.entries()) {
    context.emit({ type: 'stage', stage: 'adapters', done, total: speakers.length })
    // A method that adds nothing, switched off: the model as it is.
    const bare = (): Generator =>
      createGenerator({ ...options, method: disabled(findMethod('full').apply(definition, {})) })
    generators.push(
      speaker.kind === 'base' ? bare() : await withSpeaker(speaker, model, context, (adapter) => rack.add(adapter)),
    )
  }
  return generators
}

/** Lets each answer in turn; where there are several, every piece says whose it is. */
async function answerInTurn(
  { speakers, sampling }: SpeakersPayload,
  ids: readonly number[],
  generators: readonly Generator[],
  context: JobContext,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const [i, { name }] of speakers.entries()) {
    let index = 0
    const whose = speakers.length > 1 ? { speaker: name } : {}
    const say = (text: string): void => context.emit({ type: 'token', text, index: index++, ...whose })
    // Who has nothing to say is named all the same.
    if (speakers.length > 1) say('')
    const { text, reason } = await (generators[i] as Generator).generate(ids, sampling, say)
    answers.push({ speaker: name, text, reason })
  }
  return answers
}

/** One model is loaded once; adapters of any kind, runs and the model itself answer the same prompt. */
export async function answerTogether(asked: SpeakersPayload, context: JobContext): Promise<readonly Answer[]> {
  const model = await openModel(asked.model, context, { kind: 'causal-lm' })
  try {
    const { definition, checkpoint, tokenizer, template } = model
    const { ids } = encodeChat(tokenizer, template, [{ role: 'user', content: asked.prompt }])
    const executor = await backends['cpu-onnx'].open({ threads: 0 })
    try {
      await loadBaseWeights(executor, definition, checkpoint, answerPositions(definition), {
        onProgress: (done, total) => context.emit({ type: 'stage', stage: 'load', done, total }),
      })
      return await answerInTurn(asked, ids, await seat(asked, ids.length, model, executor, context), context)
    } finally {
      await executor.dispose()
    }
  } finally {
    await model.close()
  }
}
