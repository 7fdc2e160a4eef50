import { GraftError } from '../errors'
import type { AppliedMethod, Method, MethodInfo, ModelDefinition, ParameterValues } from '../nn'
import { FOUR_BIT_BLOCKS, type ComputeType, type FourBitStorage, type FourBitType } from '../tensor'
import { lora } from './lora/lora'
import { resolveValues } from './values'
import { qloraWords } from './words/qlora'

const words = qloraWords.parameters

const info: MethodInfo = {
  ...lora.info,
  id: 'qlora',
  ...qloraWords.about,
  parameters: [
    ...lora.info.parameters,
    {
      name: 'format',
      ...words.format,
      type: 'choice',
      default: 'nf4',
      choices: ['nf4', 'fp4'],
      advanced: true,
    },
    { name: 'doubleQuant', ...words.doubleQuant, type: 'boolean', default: true, advanced: true },
    {
      name: 'block',
      ...words.block,
      type: 'integer',
      default: 64,
      min: FOUR_BIT_BLOCKS[0],
      max: FOUR_BIT_BLOCKS.at(-1) as number,
      usual: { low: 64, high: 256 },
      advanced: true,
    },
    { name: 'compute', ...words.compute, type: 'choice', default: 'f32', choices: ['f32', 'bf16'], advanced: true },
  ],
}

const loraNames = new Set(lora.info.parameters.map(({ name }) => name))

/** What of the values is LoRA's own. */
const loraPart = (values: ParameterValues): ParameterValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => loraNames.has(name)))

function storageOf(values: ParameterValues): FourBitStorage {
  const blockSize = values['block'] as number
  if (!FOUR_BIT_BLOCKS.some((size) => size === blockSize)) {
    const known = FOUR_BIT_BLOCKS.join(', ')
    const message = `${info.name.en}: block: expected one of ${known}, got ${blockSize}; correct the value`
    throw new GraftError('invalid-argument', message, { parameter: 'block' })
  }
  return {
    type: values['format'] as FourBitType,
    blockSize,
    doubleQuantised: values['doubleQuant'] as boolean,
    compute: values['compute'] as ComputeType,
  }
}

/**
 * LoRA on a base model in 4 bits (Dettmers et al. 2023, arXiv:2305.14314). Every weight matrix of the blocks is quantised,
 * target or not; embeddings, norms and head stay as they are. On disk the adapter is one of LoRA, so that is what it is
 * read as.
 */
export const qlora: Method = {
  info,
  countTrainable: (model, given) => lora.countTrainable(model, loraPart(resolveValues(info, given))),
  apply(model: ModelDefinition, given: ParameterValues): AppliedMethod {
    const values = resolveValues(info, given)
    const storage = storageOf(values)
    const matrices = new Set(model.sites.map(({ weight }) => weight))
    return {
      ...lora.apply(model, loraPart(values)),
      info,
      quantised: (name) => (matrices.has(name) ? storage : undefined),
    }
  },
}
