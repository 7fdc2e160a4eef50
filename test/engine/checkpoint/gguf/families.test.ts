import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { openGgufCheckpoint, openSafetensors } from '../../../../main/engine/checkpoint'
import { architectureOf, nameInFile, nameInModel } from '../../../../main/engine/checkpoint/gguf/architectures'
import { readGgufHeader } from '../../../../main/engine/checkpoint/gguf/header/read-header'
import { findMethod } from '../../../../main/engine/methods'
import { defineModel, modelWeights } from '../../../../main/engine/models'
import { checkWeights, feedBatch, loadBaseWeights, planEvaluation } from '../../../../main/engine/plan'
import { memorySource } from '../../../../main/engine/tensor'
import { collate } from '../../../../main/engine/text'
import type { GgufParts } from '../../../helpers/write-gguf'
import { smallFile } from './small-file'

/** Written by llama.cpp's own conversion: test/interop/write_gguf_families.py, which has the ids too. */
const folder = 'test/goldens/gguf/families'
const ids = [3, 1, 4, 1, 5, 9, 2, 6, 11, 8]
const length = 12

const source = async (name: string) => memorySource(name, new Uint8Array(await readFile(`${folder}/${name}`)))

describe.each(['llama', 'qwen2', 'qwen3', 'gemma3', 'gpt2'])('a GGUF file of %s', async (name) => {
  const gguf = await openGgufCheckpoint(await source(`${name}.gguf`))
  const model = defineModel(gguf.config)
  const weights = modelWeights(model, gguf)

  it('has the weights that its config wants', () => {
    checkWeights(model, weights)
    expect(weights.names).toEqual(model.weights.map((spec) => spec.name))
  })

  it('answers as the model did before it was converted', async () => {
    const expected = await (await openSafetensors(await source(`${name}.logits.safetensors`))).readFloat32('logits')
    const method = findMethod('full').apply(model, {})
    const plan = planEvaluation({ model, method, batch: 1, length, maxLength: length, logits: true })
    const executor = await cpuOnnxBackend.open({ threads: 1 })
    await executor.prepare([plan])
    await loadBaseWeights(executor, model, weights, length)
    const example = { ids: Int32Array.from(ids), trained: new Uint8Array(ids.length).fill(1) }
    await feedBatch(executor, plan, collate([example], { rows: 1, length }, 0), 1)
    await executor.run(plan, 'logits')
    const got = await executor.read('logits')
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0)
    expect(worst).toBeLessThan(2e-5)
    await executor.dispose()
  })

  it('calls its tensors by names that lead there and back', async () => {
    const { metadata, tensors } = await readGgufHeader(await source(`${name}.gguf`))
    const architecture = architectureOf('m.gguf', metadata)
    for (const tensor of [...tensors.keys()].filter((stored) => stored !== 'rope_freqs.weight')) {
      const inModel = nameInModel(architecture, tensor)
      expect(nameInFile(architecture, inModel!.name)).toEqual({ name: tensor, layout: inModel!.layout })
    }
  })
})

describe('what a Gemma’s file says of its layers', () => {
  const tiny = {
    'general.architecture': ['string', 'gemma3'],
    'gemma3.embedding_length': ['u32', 8],
    'gemma3.feed_forward_length': ['u32', 12],
    'gemma3.block_count': ['u32', 7],
    'gemma3.context_length': ['u32', 32],
    'gemma3.attention.head_count': ['u32', 2],
    'gemma3.attention.layer_norm_rms_epsilon': ['f32', 1e-6],
    'gemma3.attention.sliding_window': ['u32', 3],
    'gemma3.rope.freq_base': ['f32', 1e6],
  } as const
  const configOf = async (metadata: GgufParts['metadata']) =>
    (await openGgufCheckpoint(memorySource('m.gguf', smallFile({ metadata: { ...tiny, ...metadata } })))).config
  const sliding = async (metadata: GgufParts['metadata']) =>
    ((await configOf(metadata))['layer_types'] as string[]).map((type) => (type === 'sliding_attention' ? 1 : 0))

  it('the last of six sees everything, or of as many as the file says, or those that it names', async () => {
    expect(await sliding({})).toEqual([1, 1, 1, 1, 1, 0, 1])
    expect(await sliding({ 'gemma3.attention.sliding_window_pattern': ['u32', 2] })).toEqual([1, 0, 1, 0, 1, 0, 1])
    const flags = ['list', 'bool', [0, 1, 1, 1, 0, 1, 1]] as const
    expect(await sliding({ 'gemma3.attention.sliding_window_pattern': flags })).toEqual([0, 1, 1, 1, 0, 1, 1])
    expect(await sliding({ 'gemma3.attention.sliding_window': ['u32', 0] })).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  it('each kind of layer has a θ of its own, and the largest size another scale', async () => {
    expect(await configOf({ 'gemma3.rope.freq_base_swa': ['f32', 5000] })).toMatchObject({
      query_pre_attn_scalar: 4,
      rope_parameters: { full_attention: { rope_theta: 1e6 }, sliding_attention: { rope_theta: 5000 } },
    })
    const largest = await configOf({ 'gemma3.block_count': ['u32', 62], 'gemma3.attention.key_length': ['u32', 6] })
    expect(largest).toMatchObject({ head_dim: 6, query_pre_attn_scalar: 4 })
  })

  it('a cap on logits is passed on, for the family to refuse', async () => {
    const config = await configOf({ 'gemma3.final_logit_softcapping': ['f32', 30] })
    expect(() => defineModel(config)).toThrow(/caps no logits/)
  })
})
