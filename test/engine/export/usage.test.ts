import { expect, test } from 'vitest'
import { exportUsage } from '../../../main/engine/export'

const facts = { folder: '/data/pirate', baseModelName: 'someone/tiny-llama', runId: 'pirate-1' }

test('an adapter: base first, then the adapter; in Graft by its run', () => {
  expect(exportUsage('peft', facts)).toMatchInlineSnapshot(`
    "In Python (pip install transformers peft torch):

        from peft import PeftModel
        from transformers import AutoModelForCausalLM, AutoTokenizer

        base = "someone/tiny-llama"
        tokenizer = AutoTokenizer.from_pretrained(base)
        model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "/data/pirate")

        inputs = tokenizer.apply_chat_template(
            [{"role": "user", "content": "Hello"}], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        output = model.generate(**inputs, max_new_tokens=64)
        print(tokenizer.decode(output[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))

    In Graft:

        graft sample pirate-1 --prompt "Hello""
  `)
})

test('a merged model: by its folder, also in Graft', () => {
  const usage = exportUsage('merged-hf', facts)
  expect(usage).toContain('folder = "/data/pirate"')
  expect(usage).toContain('graft sample --model "/data/pirate" --prompt "Hello"')
  expect(usage).not.toContain('peft')
})

test.each([
  ['C:\\runs\\pirate', 'folder = r"C:\\runs\\pirate"'],
  ['/data/a "b"', 'folder = "/data/a \\"b\\""'],
  ['C:\\runs\\', 'folder = "C:\\\\runs\\\\"'],
])('the path %s is a Python text', (folder, line) => {
  expect(exportUsage('merged-hf', { ...facts, folder })).toContain(line)
})

test('a base model without a hub id leaves a place to fill in', () => {
  expect(exportUsage('peft', { ...facts, baseModelName: '/home/me/llama' })).toContain(
    'base = "path/to/the/base/model"',
  )
})

test('a base model that is a GGUF file is loaded from it by name', () => {
  const usage = exportUsage('peft', { ...facts, baseModelName: 'Tiny', ggufFile: 'tiny.Q8_0.gguf' })
  expect(usage).toContain('pip install transformers peft gguf torch')
  expect(usage).toContain('base = "path/to/the/folder/of/the/file"')
  expect(usage).toContain('AutoTokenizer.from_pretrained(base, gguf_file="tiny.Q8_0.gguf")')
  expect(usage).toContain('AutoModelForCausalLM.from_pretrained(base, gguf_file="tiny.Q8_0.gguf")')
  expect(exportUsage('merged-hf', { ...facts, ggufFile: 'tiny.Q8_0.gguf' })).not.toContain('gguf')
})
