import { describe, expect, it } from 'vitest'
import { matchTargets } from '../../../main/engine/methods/targets'
import { defineModel } from '../../../main/engine/models'
import { tinyConfig } from '../models/tiny-llama'

const model = defineModel(tinyConfig)
const names = (targets: string): string[] => matchTargets(model, targets).map(({ name }) => name)
const bothLayers = (...modules: string[]): string[] =>
  [0, 1].flatMap((layer) => modules.map((module) => `model.layers.${layer}.${module}`))

describe('target modules', () => {
  it.each(['all-linear', 'All-Linear', ' all-linear '])(
    '%j is every matrix of every layer, not the head',
    (targets) => {
      expect(matchTargets(model, targets)).toEqual(model.sites)
      expect(model.sites).toHaveLength(2 * 7)
    },
  )

  it('are named by their last part, in every layer', () => {
    expect(names('q_proj')).toEqual(bothLayers('self_attn.q_proj'))
    expect(names('self_attn.q_proj')).toEqual(bothLayers('self_attn.q_proj'))
  })

  it('or by their whole path, in one', () => {
    expect(names('model.layers.1.mlp.up_proj')).toEqual(['model.layers.1.mlp.up_proj'])
    expect(names('1.mlp.up_proj')).toEqual(['model.layers.1.mlp.up_proj'])
  })

  it.each(['q_proj,v_proj', 'q_proj, v_proj', ' q_proj\n v_proj ', 'v_proj q_proj', 'q_proj,,v_proj,q_proj'])(
    'may be listed as %j: each once, in the order of the model',
    (targets) => {
      expect(names(targets)).toEqual(bothLayers('self_attn.q_proj', 'self_attn.v_proj'))
    },
  )

  it('of overlapping entries are taken once', () => {
    expect(names('model.layers.0.mlp.up_proj, up_proj')).toEqual(bothLayers('mlp.up_proj'))
  })
})

describe('entries that name nothing are told', () => {
  const known = 'q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj'
  it.each([
    ['proj', 'proj'],
    ['q_pro', 'q_pro'],
    ['q_proj, c_attn, wpe', 'c_attn, wpe'],
    ['model.layers.7.self_attn.q_proj', 'model.layers.7.self_attn.q_proj'],
    ['.*q_proj', '.*q_proj'],
    ['q_proj, all-linear', 'all-linear'],
    ['', 'nothing'],
    [' , ', 'nothing'],
  ])('%j', (targets, found) => {
    const attempt = (): unknown => matchTargets(model, targets)
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        details: expect.objectContaining({ parameter: 'targets', targets }) as object,
      }),
    )
    expect(attempt).toThrow(
      `target modules: expected all-linear or names such as ${known}, got ${found}; correct the names`,
    )
  })
})
