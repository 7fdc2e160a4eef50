import type { AppliedMethod, Method, MethodInfo } from '../../nn'
import { storedAlike } from '../peft/stored-tensors'
import { resolveValues } from '../values'
import { loraWords } from '../words/lora'
import { gains } from './dora'
import { loraHooks } from './hooks'
import { loraOn } from './lora-sites'
import { mergeSite } from './merge-site'
import { loraConfig, loraValues } from './peft-config'
import { trainableTensors } from './tensors'

const words = loraWords.parameters

const info: MethodInfo = {
  id: 'lora',
  ...loraWords.about,
  parameters: [
    { name: 'r', ...words.r, type: 'integer', default: 8, min: 1, max: 1024, usual: { low: 4, high: 256 } },
    { name: 'alpha', ...words.alpha, type: 'number', default: 16, min: 0.001, max: 4096, usual: { low: 4, high: 512 } },
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
    { name: 'targets', ...words.targets, type: 'text', default: 'all-linear', advanced: true },
    { name: 'rslora', ...words.rslora, type: 'boolean', default: false, advanced: true },
    { name: 'dora', ...words.dora, type: 'boolean', default: false, advanced: true },
    {
      name: 'loraplusRatio',
      ...words.loraplusRatio,
      type: 'number',
      default: 0,
      min: 0,
      max: 1000,
      usual: { low: 0, high: 32 },
      trainingOnly: true,
      advanced: true,
    },
    { name: 'layers', ...words.layers, type: 'text', default: '', advanced: true },
    { name: 'exclude', ...words.exclude, type: 'text', default: '', advanced: true },
    { name: 'ranks', ...words.ranks, type: 'text', default: '', advanced: true },
    { name: 'alphas', ...words.alphas, type: 'text', default: '', advanced: true },
  ],
  mergeable: true,
  exports: ['peft', 'merged-hf', 'gguf'],
  tasks: ['causal-lm', 'sequence-classification'],
}

/** LoRA (Hu et al. 2021) with its scale for large ranks (rsLoRA), trained magnitudes (DoRA) and B's own rate (LoRA+). */
export const lora: Method = {
  info,
  countTrainable(model, given) {
    const { sites, dora } = loraOn(model, resolveValues(info, given))
    const magnitudes = dora ? sites.reduce((sum, { outFeatures }) => sum + outFeatures, 0) : 0
    return sites.reduce((sum, { r, inFeatures, outFeatures }) => sum + r * (inFeatures + outFeatures), magnitudes)
  },
  apply(model, given): AppliedMethod {
    const adapter = loraOn(model, resolveValues(info, given))
    const trainable = trainableTensors(adapter)
    const bySite = new Map(adapter.sites.map((site) => [site.weight, site]))
    return {
      info,
      hooks: loraHooks(adapter),
      usesSeeds: adapter.dropout > 0,
      trainable,
      ...(adapter.dora && { derived: gains(adapter) }),
      adapter: { layout: 'peft', config: loraConfig(model, adapter), tensors: storedAlike(trainable) },
      merge: async (name, read) => {
        const site = bySite.get(name)
        return site && mergeSite(site, adapter, read)
      },
    }
  },
  fromAdapterConfig: (config) => (config['peft_type'] === 'LORA' ? loraValues(config) : undefined),
}
