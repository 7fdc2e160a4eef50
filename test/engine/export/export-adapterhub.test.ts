import { expect, test } from 'vitest'
import { openSafetensors, type TensorFile } from '../../../main/engine/checkpoint'
import { exportAdapterHub } from '../../../main/engine/export'
import { loadAdapter } from '../../../main/engine/methods'
import type { ByteSource, FileSource } from '../../../main/engine/tensor'
import { applyMethod, goldenFolder, openGolden, readJson } from '../methods/small-session'
import { card, memoryTarget } from './targets'

const open = async (files: FileSource): Promise<TensorFile> =>
  openSafetensors((await files.open('adapter.safetensors')) as ByteSource)

async function tensorsOf(files: FileSource): Promise<Record<string, unknown>> {
  const file = await open(files)
  const entries = file.names.map(async (name) => {
    const { dtype, shape } = file.info(name)
    return [name, { dtype, shape, bytes: Buffer.from(await file.readBytes(name)).toString('hex') }]
  })
  return Object.fromEntries(await Promise.all(entries))
}

test.each(['houlsby', 'pfeiffer', 'parallel'])(
  '%s: an adapter that AdapterHub wrote is read and written again unchanged',
  async (kind) => {
    const files = goldenFolder(`llama-adapter-${kind}/adapter_init`)
    const { model, json: config } = await openGolden('llama')
    const { method, read } = await loadAdapter(files, model)
    const target = memoryTarget()
    await exportAdapterHub({ method, model, config, read, card, target })

    expect(await tensorsOf(target.source())).toEqual(await tensorsOf(files))
    const golden = { ...(await readJson(files, 'adapter_config.json')), model_name: 'someone/tiny-llama' }
    expect(await readJson(target.source(), 'adapter_config.json')).toEqual(golden)
  },
)

async function exported(values: Record<string, string>) {
  const small = await openGolden('llama')
  const method = applyMethod(small, 'adapter', values)
  const target = memoryTarget()
  const shapes = new Map(method.trainable.map(({ name, shape }) => [name, shape]))
  const read = async (name: string) => new Float32Array((shapes.get(name) ?? []).reduce((n, size) => n * size, 1))
  const base = { ...card, base: { ...card.base, name: '/home/me/tiny' } }
  await exportAdapterHub({
    method,
    model: small.model,
    config: small.json,
    read,
    card: base,
    target,
    baseFingerprint: 'f1',
  })
  return target
}

test('a whole scaling is written as the float that Python asks for, a learned one as a tensor', async () => {
  const text = (await exported({ kind: 'parallel' })).text('adapter_config.json')
  expect(text).toMatch(/^ {4}"scaling": 4\.0,$/m)
  expect((await exported({ kind: 'parallel', scaling: '0.5' })).text('adapter_config.json')).toMatch(/"scaling": 0\.5,/)

  const learned = await exported({ kind: 'pfeiffer', scaling: 'learned' })
  expect(learned.text('adapter_config.json')).toMatch(/"scaling": "learned",/)
  const file = await open(learned.source())
  expect(file.info('model.layers.1.output_adapters.adapters.graft.scaling')).toMatchObject({ shape: [1] })
})

test('the file that makes the folder loadable comes last, and nothing tells where the base model lay', async () => {
  const target = await exported({})
  expect(Object.keys(target.files)).toEqual(['adapter.safetensors', 'README.md', 'adapter_config.json'])
  expect((await open(target.source())).metadata).toEqual({ format: 'pt', graft_base: 'f1' })
  expect(JSON.parse(target.text('adapter_config.json'))).toMatchObject({
    model_name: null,
    model_class: 'LlamaForCausalLM',
  })
  expect(target.text('README.md')).not.toContain('/home/me')
  expect(target.text('README.md')).toContain('adapters.init(model)')
})

test('a method without bottlenecks is refused', async () => {
  const small = await openGolden('llama')
  const input = { model: small.model, config: small.json, read: async () => new Float32Array(), card }
  const attempt = exportAdapterHub({ ...input, method: applyMethod(small, 'lora'), target: memoryTarget() })
  await expect(attempt).rejects.toThrow('LoRA does not end as an AdapterHub adapter')
})
