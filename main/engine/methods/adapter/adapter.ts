import { GraftError } from '../../errors'
import type { AppliedMethod, Method, MethodInfo, ModelDefinition, ParameterValues } from '../../nn'
import { resolveValues } from '../values'
import { bottleneckHooks, bottleneckSize, bottleneckTensors, type Bottlenecks } from './bottleneck'
import { valuesFromHub, type HubSettings } from './hub-config'
import { activations, adapterKinds, type ActivationName, type Initialisation, type KindName } from './kinds'
import { parseLayers } from './leave-out'

/** As the kind's authors had it. */
const AUTO = 'auto'

const info: MethodInfo = {
  id: 'adapter',
  name: 'Adapter tuning',
  summary:
    'The weights stay; small networks with a narrow middle are inserted behind the sublayers of every layer, and only they are trained.',
  papers: [
    { title: 'Parameter-Efficient Transfer Learning for NLP (2019)', url: 'https://arxiv.org/abs/1902.00751' },
    {
      title: 'AdapterFusion: Non-Destructive Task Composition for Transfer Learning (2020)',
      url: 'https://arxiv.org/abs/2005.00247',
    },
    {
      title: 'Towards a Unified View of Parameter-Efficient Transfer Learning (2021)',
      url: 'https://arxiv.org/abs/2110.04366',
    },
  ],
  parameters: [
    {
      name: 'kind',
      label: 'Kind',
      explanation:
        'houlsby: behind attention and MLP; pfeiffer: behind the MLP only, half as many parameters; parallel: beside the MLP, reading what goes into it.',
      type: 'choice',
      default: 'houlsby',
      choices: Object.keys(adapterKinds),
    },
    {
      name: 'reduction',
      label: 'Reduction factor',
      explanation:
        "The middle is so many times narrower than the model's stream: twice the factor, half the parameters.",
      type: 'number',
      default: 16,
      min: 0.1,
      max: 4096,
    },
    {
      name: 'activation',
      label: 'Activation',
      explanation: 'The function in the middle. auto: swish for houlsby, relu for the others.',
      type: 'choice',
      default: AUTO,
      choices: [AUTO, ...Object.keys(activations)],
    },
    {
      name: 'scaling',
      label: 'Scaling',
      explanation:
        'What the adapter adds is multiplied by this: a number, or "learned" for one that is trained. auto: 4 for parallel, 1 for the others.',
      type: 'text',
      default: AUTO,
    },
    {
      name: 'dropout',
      label: 'Dropout',
      explanation: 'Share of what the adapter adds that is zeroed at random while training, against over-fitting.',
      type: 'number',
      default: 0,
      min: 0,
      max: 0.9,
      trainingOnly: true,
    },
    {
      name: 'leave_out',
      label: 'Layers without one',
      explanation: 'Layers that get no adapter, counted from 0, such as "0, 3-5". Empty: all layers have one.',
      type: 'text',
      default: '',
    },
    {
      name: 'initialisation',
      label: 'Initialisation',
      explanation:
        'bert: small random weights, so that training begins near the base model; mam_adapter: the last matrix is zero, it begins at the base model. auto: mam_adapter for parallel, bert for the others.',
      type: 'choice',
      default: AUTO,
      choices: [AUTO, 'bert', 'mam_adapter'],
      trainingOnly: true,
    },
  ],
  trainableFormula: 'Σ 2 · d · h + h + d over the bottlenecks, d the hidden size, h = d / reduction factor',
  mergeable: false,
  exports: ['adapterhub'],
  learningRate: { default: 1e-3, low: 1e-4, high: 5e-3 },
}

/** @throws GraftError `invalid-argument` */
function parseScaling(text: string, preset: number): number | 'learned' {
  const word = text.trim().toLowerCase()
  if (word === AUTO || word === '') return preset
  if (word === 'learned') return word
  const value = Number(word)
  if (Number.isFinite(value) && value !== 0) return value
  const message = `${info.name}: scaling: expected a number other than 0, learned or auto, got "${text}"; correct the value`
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
  apply(model, given): AppliedMethod {
    const settings = settingsOf(model, given)
    const bottlenecks = bottlenecksOf(model, settings)
    return {
      info,
      hooks: bottleneckHooks(model, bottlenecks),
      usesSeeds: settings.dropout > 0,
      trainable: bottleneckTensors(model, bottlenecks),
    }
  },
  fromAdapterConfig: valuesFromHub,
}
