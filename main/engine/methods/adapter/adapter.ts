import { GraftError } from '../../errors'
import type { AppliedMethod, Method, MethodInfo, ModelDefinition, ParameterValues } from '../../nn'
import { resolveValues } from '../values'
import { adapterWords } from '../words/adapter'
import { bottleneckHooks, bottleneckSize, bottleneckTensors, type Bottlenecks } from './bottleneck'
import { hubConfig, hubTensors, valuesFromHub, type HubSettings } from './hub-config'
import { activations, adapterKinds, type ActivationName, type Initialisation, type KindName } from './kinds'
import { parseLayers } from './leave-out'

/** As the kind's authors had it. */
const AUTO = 'auto'

const words = adapterWords.parameters

const info: MethodInfo = {
  id: 'adapter',
  ...adapterWords.about,
  parameters: [
    { name: 'kind', ...words.kind, type: 'choice', default: 'houlsby', choices: Object.keys(adapterKinds) },
    {
      name: 'reduction',
      ...words.reduction,
      type: 'number',
      default: 16,
      min: 0.1,
      max: 4096,
      usual: { low: 2, high: 64 },
    },
    {
      name: 'activation',
      ...words.activation,
      type: 'choice',
      default: AUTO,
      choices: [AUTO, ...Object.keys(activations)],
      advanced: true,
    },
    { name: 'scaling', ...words.scaling, type: 'text', default: AUTO, advanced: true },
    {
      name: 'dropout',
      ...words.dropout,
      type: 'number',
      default: 0,
      min: 0,
      max: 0.9,
      usual: { low: 0, high: 0.2 },
      trainingOnly: true,
      advanced: true,
    },
    { name: 'leave_out', ...words.leave_out, type: 'text', default: '', advanced: true },
    {
      name: 'initialisation',
      ...words.initialisation,
      type: 'choice',
      default: AUTO,
      choices: [AUTO, 'bert', 'mam_adapter'],
      trainingOnly: true,
      advanced: true,
    },
  ],
  mergeable: false,
  exports: ['adapterhub'],
  tasks: ['causal-lm', 'sequence-classification'],
}

/** @throws GraftError `invalid-argument` */
function parseScaling(text: string, preset: number): number | 'learned' {
  const word = text.trim().toLowerCase()
  if (word === AUTO || word === '') return preset
  if (word === 'learned') return word
  const value = Number(word)
  if (Number.isFinite(value) && value !== 0) return value
  const message = `${info.name.en}: scaling: expected a number other than 0, learned or auto, got "${text}"; correct the value`
  throw new GraftError('invalid-argument', message, { parameter: 'scaling' })
}

function settingsOf(model: ModelDefinition, given: ParameterValues): HubSettings {
  const values = resolveValues(info, given)
  const kind = adapterKinds[values['kind'] as KindName]
  const chosen = <T>(name: string, preset: T): T => (values[name] === AUTO ? preset : (values[name] as T))
  return {
    kind,
    reduction: values['reduction'] as number,
    activation: chosen<ActivationName>('activation', kind.activation),
    scaling: parseScaling(values['scaling'] as string, kind.scaling),
    dropout: values['dropout'] as number,
    initialisation: chosen<Initialisation>('initialisation', kind.initialisation),
    leaveOut: parseLayers(values['leave_out'] as string, model.config.layers),
  }
}

function bottlenecksOf({ config }: ModelDefinition, settings: HubSettings): Bottlenecks {
  const { reduction, activation, leaveOut, ...rest } = settings
  const layers = Array.from({ length: config.layers }, (_, layer) => layer)
  return {
    ...rest,
    size: bottleneckSize(config.hiddenSize, reduction),
    activation: activations[activation],
    layers: layers.filter((layer) => !leaveOut.includes(layer)),
  }
}

/**
 * Bottleneck adapters: Houlsby et al. 2019 (both sublayers), Pfeiffer et al. 2020 (behind the MLP), He et al. 2021
 * (parallel), with the formulas of AdapterHub's library on decoders whose norms stand before the sublayers.
 */
export const adapter: Method = {
  info,
  countTrainable(model, given) {
    const bottlenecks = bottlenecksOf(model, settingsOf(model, given))
    const { size, kind, layers, scaling } = bottlenecks
    const { hiddenSize } = model.config
    const each = 2 * hiddenSize * size + size + hiddenSize + (scaling === 'learned' ? 1 : 0)
    return each * kind.after.length * layers.length
  },
  apply(model, given): AppliedMethod {
    const settings = settingsOf(model, given)
    const bottlenecks = bottlenecksOf(model, settings)
    const trainable = bottleneckTensors(model, bottlenecks)
    return {
      info,
      hooks: bottleneckHooks(model, bottlenecks),
      usesSeeds: settings.dropout > 0,
      trainable,
      adapter: { layout: 'adapterhub', config: hubConfig(settings), tensors: hubTensors(trainable) },
    }
  },
  fromAdapterConfig: valuesFromHub,
}
