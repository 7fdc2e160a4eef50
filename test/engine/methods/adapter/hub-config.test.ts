import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { methodFromAdapter } from '../../../../main/engine/methods'
import type { ParameterValues } from '../../../../main/engine/nn'
import { applyMethod, openGolden, type SmallModel } from '../small-session'

const hubFile = async (kind: string): Promise<{ config: Record<string, unknown>; version: string }> =>
  JSON.parse(await readFile(`test/goldens/llama-adapter-${kind}/adapter_init/adapter_config.json`, 'utf8'))

let small: SmallModel
let houlsby: Awaited<ReturnType<typeof hubFile>>
beforeAll(async () => {
  small = await openGolden('llama')
  houlsby = await hubFile('houlsby')
})

const read = (changes: Record<string, unknown>, file: Record<string, unknown> = {}): ParameterValues =>
  methodFromAdapter({ ...houlsby, ...file, config: { ...houlsby.config, ...changes } }).values

describe.each([
  ['houlsby', 'swish', '1', 'bert'],
  ['pfeiffer', 'relu', '1', 'bert'],
  ['parallel', 'relu', '4', 'mam_adapter'],
])("AdapterHub's preset %s", (kind, activation, scaling, initialisation) => {
  const values = { kind, activation, scaling, initialisation, reduction: 8, dropout: 0, leave_out: '' }

  test('is read as our values', async () => {
    const file = await hubFile(kind)
    expect(methodFromAdapter(file)).toMatchObject({ method: { info: { id: 'adapter' } }, values })
  })

  test('is written field by field as it was, also by the name of the kind alone', async () => {
    const { config } = await hubFile(kind)
    expect(applyMethod(small, 'adapter', values).adapter?.config).toEqual(config)
    expect(applyMethod(small, 'adapter', { kind, reduction: 8 }).adapter?.config).toEqual(config)
  })
})

test.each<ParameterValues>([
  { kind: 'pfeiffer', reduction: 0.5, activation: 'gelu_new', scaling: 'learned', initialisation: 'mam_adapter' },
  { kind: 'parallel', reduction: 64, activation: 'tanh', scaling: '0.25', dropout: 0.1, leave_out: '1' },
])('what is written is read again: %j', (values) => {
  const config = applyMethod(small, 'adapter', values).adapter?.config
  expect(methodFromAdapter({ config, version: 'adapters.1.2.0' }).values).toMatchObject(values)
})

test.each([
  [{ non_linearity: 'silu' }, { activation: 'swish' }],
  [{ non_linearity: 'gelu_pytorch_tanh' }, { activation: 'gelu_new' }],
  [{ reduction_factor: { '0': 4, default: 4 } }, { reduction: 4 }],
  [{ leave_out: [1, 0, 2] }, { leave_out: '0-2' }],
  [{ is_parallel: true, mh_adapter: false, original_ln_before: true }, { kind: 'parallel' }],
])('%j means %j', (changes, values) => {
  expect(read(changes)).toMatchObject(values)
})

test('a houlsby initialisation leaves ours to its default: the weights are there', () => {
  expect(read({ init_weights: 'houlsby' })).not.toHaveProperty('initialisation')
})

describe('what is computed otherwise is refused by the name of its field', () => {
  test.each([
    ['use_gating', true],
    ['ln_before', true],
    ['ln_after', true],
    ['phm_layer', true],
    ['inv_adapter', 'nice'],
    ['cross_adapter', true],
    ['original_ln_after', false],
    ['stochastic_depth', 0.1],
    ['residual_before_ln', 'post_add'],
    ['non_linearity', 'gelu'],
    ['scaling', 'channel'],
    ['reduction_factor', { '0': 4, default: 8 }],
    ['reduction_factor', 0],
    ['leave_out', 'all'],
    ['architecture', 'union'],
  ])('%s %j', (field, value) => {
    expect(() => read({ [field]: value })).toThrow(
      expect.objectContaining({ code: 'unsupported', details: { fields: [field] } }),
    )
  })

  test('an adapter behind the attention alone', () => {
    expect(() => read({ output_adapter: false })).toThrow(/mh_adapter, .*expected those of houlsby, pfeiffer, parallel/)
  })

  test('a LoRA of that library, with what to do instead', () => {
    expect(() => read({ architecture: 'lora' })).toThrow('train and save it with PEFT')
  })

  test("the older library's files", () => {
    expect(() => read({}, { version: '0.2.0' })).toThrow('save the adapter again')
    expect(() => methodFromAdapter({ config: houlsby.config })).toThrow('save the adapter again')
  })
})

describe('values', () => {
  test.each([
    [{ scaling: 'strong' }, 'a number other than 0, learned or auto, got "strong"'],
    [{ scaling: '0' }, 'got "0"'],
    [{ kind: 'prefix' }, 'one of houlsby, pfeiffer, parallel'],
    [{ leave_out: '0-1' }, 'at least one layer'],
    [{ reduction: 0 }, 'between 0.1 and'],
  ])('%j are refused', (values, words) => {
    expect(() => applyMethod(small, 'adapter', values)).toThrow(words)
  })
})
