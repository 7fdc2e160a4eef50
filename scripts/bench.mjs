/**
 * `npm run bench` compares a training step with PyTorch + PEFT's; `npm run bench -- real` trains a real model on real data,
 * `npm run bench -- methods` every method on one model and dataset, `npm run bench -- perplexity` shows what quantising costs.
 */
const kind = process.argv[2]?.startsWith('-') ? undefined : process.argv[2]
const benches = {
  step: './bench/step.mjs',
  real: './bench/real.mjs',
  methods: './bench/methods.mjs',
  perplexity: './bench/perplexity.mjs',
}
const file = benches[kind ?? 'step']
if (!file) {
  console.error(`bench: expected one of ${Object.keys(benches).join(', ')}, got ${kind}`)
  process.exit(2)
}
if (kind) process.argv.splice(2, 1)
await import(file)
