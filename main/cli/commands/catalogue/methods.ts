import type { MethodInfo, ParameterInfo } from '../../../../preload/contract'
import { listMethods } from '../../../models'
import { exitCodes, usageError } from '../../exit'
import { table, wrap } from '../../format'
import { say, type CommandSpec } from '../../session'

function rangeOf({ type, min, max, choices, default: value }: ParameterInfo): string {
  const bounds = min !== undefined && max !== undefined ? ` ${min} … ${max}` : ''
  return `${choices ? choices.join(' | ') : `${type}${bounds}`}, otherwise ${String(value)}`
}

function detailLines(info: MethodInfo, columns: number): string[] {
  const { name, summary, papers, parameters, trainableFormula, exports, learningRate } = info
  return [
    `${name}  (--method ${info.id})`,
    ...wrap(summary, columns),
    '',
    `trains         ${trainableFormula}`,
    `exports        ${exports.join(', ')}`,
    `learning rate  ${learningRate.low} … ${learningRate.high}, otherwise ${learningRate.default}`,
    ...parameters.flatMap((parameter) => [
      '',
      `--set ${parameter.name}=…  ${parameter.label}: ${rangeOf(parameter)}`,
      ...wrap(parameter.explanation, columns - 2).map((line) => `  ${line}`),
    ]),
    '',
    ...papers.flatMap(({ title, url }) => [title, `  ${url}`]),
  ]
}

export const methodsCommand: CommandSpec = {
  usage: 'methods [method]',
  summary: 'list the methods, or explain one and its parameters',
  async run(session, [id]) {
    const methods = listMethods()
    const { terminal } = session
    if (id === undefined) {
      const rows = methods.map(({ id: method, parameters, summary }) => [
        method,
        parameters.map(({ name }) => name).join(' ') || '–',
        summary,
      ])
      say(session, 'methods', { methods }, table([['method', 'parameters', 'what it does'], ...rows]))
      return exitCodes.ok
    }
    const info = methods.find((method) => method.id === id)
    if (!info)
      throw usageError(`methods: expected one of ${methods.map((method) => method.id).join(', ')}, got "${id}"`)
    say(session, 'method', { method: info }, detailLines(info, terminal.columns))
    return exitCodes.ok
  },
}
