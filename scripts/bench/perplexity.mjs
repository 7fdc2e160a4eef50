/**
 * `npm run bench -- perplexity --model FILE --data FOLDER`: what quantising costs a real model, as the perplexity of plain
 * text. Prints the table of README.md.
 *
 * FILE    a base model, a GGUF file or a Hugging Face folder
 * FOLDER  .txt files
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.mjs'
import { fail, markdown } from './runs.mjs'

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    tokens: { type: 'string', default: '16384' },
    length: { type: 'string', default: '512' },
    threads: { type: 'string', default: '2' },
  },
})
if (!options.model || !options.data) fail('perplexity: expected --model and --data')

const row = ({ name, loss, perplexity, weightBytes }) => ({
  weights: name,
  perplexity: perplexity.toFixed(3),
  loss: loss.toFixed(4),
  'memory of the weights': `${Math.round(weightBytes / 1e6)} MB`,
})

async function measure(script) {
  const child = spawn(
    process.execPath,
    [script, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const results = []
  for await (const line of createInterface({ input: child.stdout })) {
    results.push(JSON.parse(line))
    console.error(line)
  }
  return results
}

const folder = await mkdtemp(join(tmpdir(), 'graft-bench-'))
try {
  const results = await measure(await bundle('perplexity', folder))
  console.log(`${results[0]?.tokens} tokens in windows of ${options.length}`)
  console.log(markdown(results.map(row)))
} finally {
  await rm(folder, { recursive: true, force: true })
}
