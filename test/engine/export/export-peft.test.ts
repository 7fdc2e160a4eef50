import { expect, test } from 'vitest'
import { openSafetensors } from '../../../main/engine/checkpoint'
import { exportPeft } from '../../../main/engine/export'
import { loadAdapter } from '../../../main/engine/methods'
import type { ByteSource, FileSource } from '../../../main/engine/tensor'
import { applyMethod, goldenFolder, openGolden, readJson } from '../methods/small-session'
import { card, memoryTarget } from './targets'

const goldens = [
  ['llama-lora', 'llama'],
  ['llama-rslora', 'llama'],
  ['llama-tied-scaled-lora-qv', 'llama-tied-scaled'],
] as const

async function tensorsOf(files: FileSource): Promise<Record<string, unknown>> {
  const file = await openSafetensors((await files.open('adapter_model.safetensors')) as ByteSource)
  const entries = file.names.map(async (name) => {
    const { dtype, shape } = file.info(name)
    return [name, { dtype, shape, bytes: Buffer.from(await file.readBytes(name)).toString('hex') }]
  })
  return Object.fromEntries(await Promise.all(entries))
}

test.each(goldens)('%s: an adapter that PEFT wrote is read and written again unchanged', async (name, base) => {
  const files = goldenFolder(`${name}/adapter_final`)
  const { model } = await openGolden(base)
  const { method, read } = await loadAdapter(files, model)
  const target = memoryTarget()
  const written = await exportPeft({ method, read, card: { ...card, base: { name: 'local' } }, target })

  expect(await tensorsOf(target.source())).toEqual(await tensorsOf(files))
  const golden = await readJson(files, 'adapter_config.json')
  // PEFT keeps the names as a set, whose order is random.
  const expected = { ...golden, target_modules: (golden['target_modules'] as string[]).toSorted() }
  expect(await readJson(target.source(), 'adapter_config.json')).toEqual(expected)
  expect(written).toEqual(
    Object.entries(target.files).map(([file, bytes]) => ({ name: file, bytes: bytes.byteLength })),
  )
})

async function exported(baseName: string) {
  const small = await openGolden('llama')
  const method = applyMethod(small, 'lora', { targets: 'q_proj', r: 2 })
  const target = memoryTarget()
  const read = async (name: string) => new Float32Array(name.includes('lora_A') ? 2 * 64 : 64 * 2)
  await exportPeft({ method, read, card: { ...card, base: { ...card.base, name: baseName } }, target })
  return target
}

test('the files come in an order that leaves no loadable half, with the metadata that loaders ask for', async () => {
  const target = await exported('someone/tiny-llama')
  expect(Object.keys(target.files)).toEqual(['adapter_model.safetensors', 'README.md', 'adapter_config.json'])
  const file = await openSafetensors((await target.source().open('adapter_model.safetensors')) as ByteSource)
  expect(file.metadata).toEqual({ format: 'pt' })
  const text = target.text('adapter_config.json')
  expect(text).toMatch(/^\{\n {2}"alora_invocation_tokens": null,\n/)
  const keys = Object.keys(JSON.parse(text))
  expect(keys).toEqual(keys.toSorted())
})

test('the card names base, data, settings, results and use', async () => {
  const readme = (await exported('someone/tiny-llama')).text('README.md')
  expect(readme).toMatchInlineSnapshot(`
    "---
    base_model: someone/tiny-llama
    library_name: peft
    pipeline_tag: text-generation
    tags:
    - base_model:adapter:someone/tiny-llama
    - lora
    - transformers
    ---

    # Pirate \\| answers

    An adapter for someone/tiny-llama, trained with LoRA. It needs the base model to run.

    Made with Graft Studio 0.1.0.

    ## Data

    | dataset | training rows | validation rows | fingerprint |
    | --- | --- | --- | --- |
    | pirate.jsonl | 180 | 20 | a1b2c3 |

    ## Settings

    | setting | value |
    | --- | --- |
    | rank | 8 |
    | learning rate | 0.002 |
    | schedule | linear |

    ## Results

    | on held-out rows | before | after |
    | --- | --- | --- |
    | loss | 2.3457 | 1.25 |
    | exact match |  | 0.5 |

    ## Use

    In Python (pip install transformers peft torch):

    \`\`\`python
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = "someone/tiny-llama"
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "path/to/this/folder")

    inputs = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hello"}], add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    output = model.generate(**inputs, max_new_tokens=64)
    print(tokenizer.decode(output[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))
    \`\`\`

    In Graft:

    \`\`\`sh
    graft sample pirate-1 --prompt "Hello"
    \`\`\`

    ## Licence

    The terms are apache-2.0, the licence of the base model; those of the training data may add to them.

    ### Framework versions

    - PEFT 0.21.0
    "
  `)
})

test.each(['/home/me/secret/My Model', 'C:\\Users\\me\\secret\\My Model', './secret/My Model'])(
  'the folder of a local base model stays private: %s',
  async (path) => {
    const target = await exported(path)
    expect(JSON.parse(target.text('adapter_config.json'))).toMatchObject({ base_model_name_or_path: null })
    const texts = target.text('README.md') + target.text('adapter_config.json')
    expect(texts).toContain('My Model')
    expect(texts).not.toContain('secret')
    expect(texts).not.toContain('base_model:')
  },
)

test('a hub id is what PEFT can load the base by', async () => {
  const config = JSON.parse((await exported('someone/tiny-llama')).text('adapter_config.json'))
  expect(config).toMatchObject({ base_model_name_or_path: 'someone/tiny-llama', inference_mode: true })
})

test('full fine-tuning is no adapter, and says what it can become', async () => {
  const method = applyMethod(await openGolden('llama'), 'full')
  const target = memoryTarget()
  const attempt = exportPeft({ method, read: async () => new Float32Array(0), card, target })
  await expect(attempt).rejects.toMatchObject({
    code: 'export-failed',
    message: expect.stringMatching(/^export: expected .*\(merged-hf, gguf\), got peft; /),
  })
  expect(target.files).toEqual({})
})

test('an adapter of a diverged run is refused', async () => {
  const method = applyMethod(await openGolden('llama'), 'lora', { targets: 'q_proj', r: 2 })
  const target = memoryTarget()
  const attempt = exportPeft({ method, read: async () => new Float32Array(128).fill(NaN, 100), card, target })
  await expect(attempt).rejects.toMatchObject({ code: 'export-failed', message: expect.stringContaining('got NaN') })
  expect(target.files).toEqual({})
})
