import type { ModelCard } from '../../../../preload/contract'
import { inspectModel } from '../../../models'
import { CliError, exitCodes } from '../../exit'
import { formatBytes, formatCount, table } from '../../format'
import { say, type CommandSpec } from '../../session'
import { parseModelRef } from '../../spec/build-run-spec'

function lines(card: ModelCard): string[] {
  const { ref, name, family, parameters, layers, hiddenSize, contextLength, bytes, licence, hasChatTemplate } = card
  const rows: [string, string | undefined][] = [
    ['model', name],
    ['from', ref.kind === 'starter' ? 'embedded (--model starter)' : ref.path],
    ['family', family],
    ['parameters', parameters > 0 ? formatCount(parameters) : undefined],
    ['shape', layers > 0 ? `${layers} layers of ${hiddenSize}, ${contextLength} tokens of context` : undefined],
    ['weights', bytes > 0 ? formatBytes(bytes) : undefined],
    ['licence', licence],
    ['template', card.broken ? undefined : hasChatTemplate ? 'its own' : 'none of its own; a plain one is used'],
  ]
  return table(rows.flatMap(([label, text]) => (text ? [[label, text]] : [])))
}

export const modelsCommand: CommandSpec = {
  usage: 'models [path]',
  summary: 'say what a model is (a folder or a .gguf file; otherwise the embedded starter) and whether it can be used',
  async run(session, [path = 'starter']) {
    const card = await inspectModel(parseModelRef(path), { starterDir: session.studio.paths.starter })
    say(session, 'model', { model: card }, lines(card))
    if (card.broken) throw new CliError(card.broken)
    return exitCodes.ok
  },
}
