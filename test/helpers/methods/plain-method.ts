import type { MethodInfo, ParameterInfo, Text } from '../../../preload/contract'

const same = (words: string): Text => ({ en: words, zh: words })

type Rest = Pick<ParameterInfo, 'type' | 'default'> & Partial<ParameterInfo>

/** A parameter that is called as it is named. */
export const plainParameter = <T extends Rest>(name: string, part: T) => ({
  name,
  label: same(name),
  explanation: same(''),
  ...part,
})

/** A declaration with nothing in it but what a test is about: as the engine and as the contract have it. */
export const plainMethod = <T extends Partial<MethodInfo>>(name: string, part: T) => ({
  id: name.toLowerCase(),
  name: same(name),
  summary: same(''),
  papers: [],
  parameters: [],
  places: [],
  trainableFormula: same(''),
  memory: [],
  learningRate: { default: 1e-3, low: 1e-4, high: 5e-3 },
  steps: [],
  strengths: [],
  weaknesses: [],
  example: same(''),
  exports: [],
  mergeable: false,
  tasks: ['causal-lm' as const],
  ...part,
})
