/**
 * Perplexity of a base model on plain text, as it is and quantised: one JSON line for each way of storing its weights.
 *
 *   node perplexity.mjs --model FILE --data FOLDER --tokens 16384 --length 512 --threads 2
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuOnnxBackend } from '../../main/engine/backends/cpu-onnx'
import { evaluateLoss, type LossResult } from '../../main/engine/evaluate'
import { disabled, findMethod } from '../../main/engine/methods'
import type { AppliedMethod, ParameterValues } from '../../main/engine/nn'
import { forecastMemory, loadBaseWeights, planEvaluation } from '../../main/engine/plan'
import { collate, type Batch, type Tokenizer } from '../../main/engine/text'
import { openModel, type OpenModel } from '../../main/models'

interface Variant {
  readonly name: string
  readonly method: string
  readonly values: ParameterValues
}

const variants: readonly Variant[] = [
  { name: 'unquantised', method: 'full', values: {} },
  { name: 'NF4, double quantised', method: 'qlora', values: {} },
  { name: 'NF4', method: 'qlora', values: { doubleQuant: false } },
  { name: 'NF4, double quantised, computed in bfloat16', method: 'qlora', values: { compute: 'bf16' } },
  { name: 'FP4, double quantised', method: 'qlora', values: { format: 'fp4' } },
]

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    data: { type: 'string', default: '' },
    tokens: { type: 'string', default: '16384' },
    length: { type: 'string', default: '512' },
    threads: { type: 'string', default: '2' },
  },
})

/** Windows of so many tokens of the folder's texts, one after the other, until there are `tokens`. */
async function readWindows(tokenizer: Tokenizer, length: number, tokens: number): Promise<Batch[]> {
  const names = (await readdir(options.data)).filter((name) => name.endsWith('.txt')).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(options.data, name), 'utf8')))
  const ids = tokenizer.encode(texts.join('\n'), { addSpecialTokens: false })
  const count = Math.floor(Math.min(ids.length, tokens) / length)
  return Array.from({ length: count }, (_, i) => {
    const window = Int32Array.from(ids.slice(i * length, (i + 1) * length))
    const row = { ids: window, trained: new Uint8Array(length).fill(1) }
    return collate([row], { rows: 1, length }, tokenizer.padId)
  })
}

async function evaluate(
  model: OpenModel,
  method: AppliedMethod,
  batches: readonly Batch[],
): Promise<LossResult & { readonly weightBytes: number }> {
  const { definition, checkpoint } = model
  const length = batches[0]?.length ?? 1
  const plan = planEvaluation({ model: definition, method, batch: 1, length, maxLength: length })
  const executor = await cpuOnnxBackend.open({ threads: Number(options.threads) })
  try {
    await loadBaseWeights(executor, definition, checkpoint, length, method)
    await executor.prepare([plan])
    const result = await evaluateLoss(
      executor,
      batches.map((batch) => ({ batch, plan })),
    )
    const weights = forecastMemory([plan]).find(({ part }) => part === 'frozen weights')
    return { ...result, weightBytes: weights?.bytes ?? 0 }
  } finally {
    await executor.dispose()
  }
}

const model = await openModel({ kind: 'folder', path: options.model }, { starterDir: '' })
const batches = await readWindows(model.tokenizer, Number(options.length), Number(options.tokens))
for (const { name, method, values } of variants) {
  const applied = disabled(findMethod(method).apply(model.definition, values))
  const start = performance.now()
  const result = await evaluate(model, applied, batches)
  console.log(JSON.stringify({ name, seconds: Math.round((performance.now() - start) / 1000), ...result }))
}
await model.close()
process.exit(0)
