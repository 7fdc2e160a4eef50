import { describe, expect, it } from 'vitest'
import { elements } from '../../../main/engine/graph'
import { findMethod, methodFromAdapter, methodInfos, methods } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import type { AppliedMethod, ParameterValues } from '../../../main/engine/nn'
import { createRng } from '../../../main/engine/rng'
import { tinyConfig } from '../models/tiny-llama'

const model = defineModel(tinyConfig)
const apply = (values: ParameterValues): AppliedMethod => findMethod('lora').apply(model, values)
const configOf = (values: ParameterValues): Readonly<Record<string, unknown>> => apply(values).adapter!.config
const shapes = (method: AppliedMethod): [string, readonly number[]][] =>
  method.trainable.map(({ name, shape }) => [name, shape])

describe('an adapter’s configuration', () => {
  it.each<[string, ParameterValues, readonly string[]]>([
    ['one module of every layer', { targets: 'v_proj', r: 3 }, ['v_proj']],
    ['several, in PEFT’s order', { targets: 'v_proj, q_proj', alpha: 5, rslora: true }, ['q_proj', 'v_proj']],
    ['one layer’s module only', { targets: 'model.layers.1.mlp.up_proj' }, ['model.layers.1.mlp.up_proj']],
    [
      'a module of every layer and one of a single layer',
      { targets: 'q_proj, 0.self_attn.k_proj', dropout: 0.25 },
      ['model.layers.0.self_attn.k_proj', 'q_proj'],
    ],
    [
      'all matrices, by name',
      { targets: 'all-linear' },
      ['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj'],
    ],
  ])('names %s, and read again it trains the same tensors at the same scale', (_, values, names) => {
    const config = configOf(values)
    expect(config['target_modules']).toEqual(names)
    const read = methodFromAdapter(JSON.parse(JSON.stringify(config)))
    const again = read.method.apply(model, read.values)
    expect(shapes(again)).toEqual(shapes(apply(values)))
    expect(again.adapter?.config).toEqual(config)
  })

  it('without fields means PEFT’s defaults', () => {
    expect(methodFromAdapter({ peft_type: 'LORA' }).values).toEqual({
      r: 8,
      alpha: 8,
      dropout: 0,
      rslora: false,
      dora: false,
      targets: 'q_proj, v_proj',
      layers: '',
      exclude: '',
      ranks: '',
      alphas: '',
    })
    expect(methodFromAdapter({ peft_type: 'LORA', target_modules: 'all-linear' }).values['targets']).toBe('all-linear')
  })

  it('says ranks, alphas, layers and exclusions of its own, and reads PEFT’s', () => {
    const { values } = methodFromAdapter({
      peft_type: 'LORA',
      r: 2,
      lora_alpha: 4,
      target_modules: ['q_proj', 'up_proj', 'model.layers.0.self_attn.v_proj'],
      layers_to_transform: [1],
      exclude_modules: ['mlp.up_proj'],
      rank_pattern: { '.*v_proj': 3 },
      alpha_pattern: { 'self_attn.q_proj': 9 },
    })
    const method = apply(values)
    expect(shapes(method).map(([name, shape]) => `${name} ${shape.join('×')}`)).toEqual([
      'model.layers.0.self_attn.v_proj.lora_A.weight 3×8',
      'model.layers.0.self_attn.v_proj.lora_B.weight 4×3',
      'model.layers.1.self_attn.q_proj.lora_A.weight 2×8',
      'model.layers.1.self_attn.q_proj.lora_B.weight 8×2',
    ])
    const written = method.adapter!.config
    expect(written).toMatchObject({
      rank_pattern: { 'model\\.layers\\.0\\.self_attn\\.v_proj': 3 },
      alpha_pattern: { 'model\\.layers\\.1\\.self_attn\\.q_proj': 9 },
    })
    const again = apply(methodFromAdapter(written).values)
    expect(shapes(again)).toEqual(shapes(method))
    expect(again.adapter?.config).toEqual(written)
  })

  it.each<[ParameterValues, string, string]>([
    [
      { layers: '2' },
      'layers',
      'layers: expected layers from 0 to 1, the lower one first, got "2"; correct the layers',
    ],
    [{ layers: 'last' }, 'layers', 'layers: expected layers such as "0, 3-5", got "last"; correct the layers'],
    [
      { targets: 'q_proj', exclude: 'self_attn.q_proj' },
      'targets',
      'expected at least one matrix in the chosen layers',
    ],
    [
      { ranks: 'q_proj' },
      'ranks',
      'ranks: expected a number above 0 behind each name, got "q_proj"; correct the entry',
    ],
    [{ ranks: 'q_proj=1.5' }, 'ranks', 'q_proj: expected a whole number, got 1.5; correct the entry'],
    [{ alphas: 'wpe=2' }, 'alphas', 'alphas: expected names of target matrices, got "wpe"; correct the entry'],
    [{ alphas: '=2' }, 'alphas', 'alphas: expected entries such as q_proj=16, got "=2"; correct the entry'],
  ])('refuses %j', (values, parameter, message) => {
    expect(() => apply(values)).toThrow(message)
    expect(() => apply(values)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', details: expect.objectContaining({ parameter }) as object }),
    )
  })

  it('names its tensors as PEFT does', () => {
    const { adapter } = apply({ targets: 'model.layers.1.self_attn.q_proj', dora: true })
    expect(adapter?.tensors.map(({ name }) => name)).toEqual([
      'base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight',
      'base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight',
      'base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector',
    ])
    expect(adapter?.config).toMatchObject({ use_dora: true })
  })

  it.each([
    ['bias', 'lora_only'],
    ['lora_bias', true],
    ['modules_to_save', ['embed_tokens']],
    ['exclude_modules', '.*mlp.*'],
    ['rank_pattern', { 'q_proj{1,2}': 4 }],
    ['alpha_pattern', { '(': 4 }],
  ])('of a variant that is not computed is refused: %s', (field, value) => {
    const attempt = (): unknown => methodFromAdapter({ ...configOf({}), [field]: value })
    expect(attempt).toThrow(expect.objectContaining({ code: 'unsupported', details: { fields: [field] } }))
    expect(attempt).toThrow(/^adapter_config\.json: expected plain LoRA, rsLoRA or DoRA, got \w+; .+/)
  })
})

describe('what LoRA trains', () => {
  it.each<[string, number, number]>([
    // in + out: q 8 + 8, k and v 8 + 4, o 8 + 8, gate and up 8 + 10, down 10 + 8
    ['all-linear', 3, 16 + 12 + 12 + 16 + 18 + 18 + 18],
    ['q_proj, v_proj', 5, 16 + 12],
    ['down_proj', 1, 18],
  ])('%s at rank %d: Σ r (in + out) in both layers', (targets, r, ends) => {
    const { trainable } = apply({ targets, r })
    expect(trainable.reduce((sum, { shape }) => sum + elements(shape), 0)).toBe(2 * r * ends)
    expect(trainable.every(({ decay }) => decay)).toBe(true)
  })

  it('starts at A between ±1/√in and B at zero', () => {
    const { trainable } = apply({ targets: 'down_proj', r: 400 })
    const [a, b] = trainable.map(({ initial }) => (initial as (rng: unknown) => Float32Array)(createRng(4)))
    const bound = 1 / Math.sqrt(10)
    expect(a).toHaveLength(4000)
    expect(Math.max(...a!)).toBeLessThanOrEqual(bound)
    expect(Math.min(...a!)).toBeGreaterThanOrEqual(-bound)
    const spread = Math.sqrt(a!.reduce((sum, value) => sum + value ** 2, 0) / a!.length)
    expect(spread / bound).toBeCloseTo(1 / Math.sqrt(3), 1)
    expect(b).toEqual(new Float32Array(8 * 400))
  })
})

describe('merging', () => {
  const method = apply({ targets: 'q_proj', r: 2, alpha: 3, rslora: true })
  const fill = (size: number, seed: number): Float32Array => {
    const rng = createRng(seed)
    return Float32Array.from({ length: size }, rng.normal)
  }
  const site = 'model.layers.0.self_attn.q_proj'
  const tensors: Record<string, Float32Array> = {
    [`${site}.weight`]: fill(64, 1),
    [`${site}.lora_A.weight`]: fill(16, 2),
    [`${site}.lora_B.weight`]: fill(16, 3),
  }
  const read = async (name: string): Promise<Float32Array> => tensors[name]!

  it('gives W + α/√r · B A', async () => {
    const [w, a, b] = Object.values(tensors) as [Float32Array, Float32Array, Float32Array]
    const merged = await method.merge?.(`${site}.weight`, read)
    for (let o = 0; o < 8; o++)
      for (let i = 0; i < 8; i++) {
        const delta = b[o * 2]! * a[i]! + b[o * 2 + 1]! * a[8 + i]!
        expect(merged?.[o * 8 + i]).toBeCloseTo(w[o * 8 + i]! + (3 / Math.sqrt(2)) * delta, 5)
      }
  })

  it('with DoRA gives its rows the length of the magnitudes', async () => {
    const dora = apply({ targets: 'q_proj', r: 2, alpha: 3, dora: true })
    const magnitudes = fill(8, 4).map(Math.abs)
    const readAll = async (name: string): Promise<Float32Array> => tensors[name] ?? magnitudes
    const plain = await apply({ targets: 'q_proj', r: 2, alpha: 3 }).merge?.(`${site}.weight`, read)
    const merged = await dora.merge?.(`${site}.weight`, readAll)
    for (let o = 0; o < 8; o++) {
      const [before, after] = [plain, merged].map((all) => all!.slice(o * 8, (o + 1) * 8)) as [
        Float32Array,
        Float32Array,
      ]
      expect(Math.hypot(...after)).toBeCloseTo(magnitudes[o]!, 5)
      const cosine =
        before.reduce((sum, value, i) => sum + value * after[i]!, 0) / Math.hypot(...before) / magnitudes[o]!
      expect(cosine).toBeCloseTo(1, 6)
    }
  })

  it('leaves other weights to others', async () => {
    expect(await method.merge?.('model.layers.0.self_attn.k_proj.weight', read)).toBeUndefined()
    expect(await method.merge?.('model.norm.weight', read)).toBeUndefined()
  })
})

describe('trainable parameters', () => {
  // By hand, of the tiny Llama: rows and columns of each layer's matrices.
  const ends = { q: 8 + 8, k: 8 + 4, v: 8 + 4, o: 8 + 8, gate: 8 + 10, up: 8 + 10, down: 10 + 8 }
  const all = Object.values(ends).reduce((sum, n) => sum + n, 0)
  it.each<[string, ParameterValues, number]>([
    ['lora', {}, 2 * 8 * all],
    ['lora', { targets: 'q_proj, v_proj', rslora: true, r: 4 }, 2 * 4 * (ends.q + ends.v)],
    ['lora', { targets: 'model.layers.1.mlp.down_proj', r: 3 }, 3 * ends.down],
    ['lora', { targets: 'k_proj', dora: true, r: 3 }, 2 * (3 * ends.k + 4)],
    ['full', {}, 2 * 11 * 8 + 2 * (2 * 8 * 8 + 2 * 8 * 4 + 3 * 8 * 10 + 2 * 8) + 8],
  ])('of %s with %j are as many as one counts by hand', (id, values, count) => {
    expect(findMethod(id).countTrainable(model, values)).toBe(count)
  })
})

describe('the methods', () => {
  it('are found by their id', () => {
    for (const method of methods) expect(findMethod(method.info.id)).toBe(method)
    const ids = methodInfos.map(({ id }) => id)
    expect(() => findMethod('nothing')).toThrow(`method: expected one of ${ids.join(', ')}, got nothing`)
  })

  it('have defaults that they accept, within a sensible range of learning rates', () => {
    for (const { info, apply } of methods) {
      expect(apply(model, {}).trainable.length).toBeGreaterThan(0)
      const { low, default: usual, high } = info.learningRate
      expect([low, usual, high]).toEqual([low, usual, high].toSorted((x, y) => x - y))
    }
  })

  it('full fine-tuning trains what is in the checkpoint, and lets only matrices decay', () => {
    const { trainable, adapter, hooks } = findMethod('full').apply(model, {})
    expect(trainable.map(({ name, shape }) => ({ name, shape }))).toEqual(model.weights)
    expect(trainable.filter(({ decay }) => !decay).every(({ name }) => name.includes('norm'))).toBe(true)
    expect(trainable.filter(({ decay }) => decay)).toHaveLength(2 * 7 + 2)
    expect({ adapter, hooks }).toEqual({ adapter: undefined, hooks: {} })
    expect(trainable.every(({ initial }) => initial === 'checkpoint')).toBe(true)
  })
})
