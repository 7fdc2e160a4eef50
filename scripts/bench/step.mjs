/**
 * `npm run bench`: one optimiser step of Graft against one of PyTorch + PEFT on the same shape, taken in turns in the same
 * minutes, because a shared machine's speed drifts: what counts is the median of the ratios of neighbouring steps.
 * The peer runs where a Python with torch, transformers and peft is found (GRAFT_BENCH_PYTHON, else python3).
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { bundle, root } from './bundle.mjs'

const python = process.env.GRAFT_BENCH_PYTHON ?? 'python3'

const { values: options } = parseArgs({
  options: {
    shape: { type: 'string', default: 'smollm2-135m' },
    batch: { type: 'string', default: '4' },
    length: { type: 'string', default: '256' },
    pairs: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    dtype: { type: 'string', default: 'fp32' },
  },
})

/** A process that makes a step for each line it is sent. */
async function startPeer(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${command} ended early`)
    return value
  }
  const ask = async (word) => {
    child.stdin.write(`${word}\n`)
    return JSON.parse(await next())
  }
  while ((await next()) !== 'ready');
  return { step: async () => (await ask('step')).ms, quit: () => ask('quit') }
}

const hasPython = () => spawnSync(python, ['-c', 'import torch, transformers, peft'], { stdio: 'ignore' }).status === 0

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

const shape = ['--shape', options.shape, '--batch', options.batch, '--length', options.length]
const threads = ['--threads', options.threads]

/** The engines that take turns, the yardstick last. Each is [name, command, arguments]. */
function engines(script) {
  const graft = (name, ...more) => [name, process.execPath, [script, ...shape, ...threads, ...more]]
  const peer = join(root, 'test/bench/peer.py')
  const pytorch = options.dtype.split(',').map((dtype) => {
    const args = [peer, '--interactive', ...shape, ...threads, '--rank', '8', '--dtype', dtype]
    return [`PyTorch + PEFT ${dtype}`, python, args]
  })
  const ours = [
    graft('Graft, recompute', '--keep', '0'),
    graft('Graft, keep', '--keep', '1000'),
    graft('Graft, QLoRA', '--keep', '0', '--method', 'qlora'),
  ]
  if (hasPython()) return [...ours, ...pytorch]
  console.log(`no PyTorch + PEFT at "${python}": Graft alone is measured`)
  return ours
}

async function measure(list) {
  const running = []
  for (const [name, command, args] of list) {
    const peer = await startPeer(command, args)
    await peer.step() // warms up
    running.push({ name, peer, times: [] })
  }
  for (let round = 0; round < Number(options.pairs); round++)
    for (const { peer, times } of running) times.push(await peer.step())
  const results = []
  for (const { name, peer, times } of running) results.push({ name, times, ...(await peer.quit()) })
  return results
}

function report(results) {
  const tokens = Number(options.batch) * Number(options.length)
  const yardstick = results.find(({ name }) => name.endsWith('fp32'))
  // Of neighbouring steps, because a shared machine's speed drifts.
  const against = (other, times) => (other ? median(times.map((ms, i) => other.times[i] / ms)).toFixed(2) : '-')
  const rows = results.map(({ name, times, peakBytes }) => ({
    engine: name,
    'median step': `${Math.round(median(times))} ms`,
    'tokens/s': Math.round((tokens / median(times)) * 1000),
    'against recompute': against(results[0], times),
    'against PyTorch fp32': against(yardstick, times),
    'peak memory': `${Math.round(peakBytes / 1e6)} MB`,
  }))
  console.log(
    `${options.shape}, LoRA r=8 on 7 matrices, ${options.batch} x ${options.length}, ${options.threads} threads`,
  )
  console.table(rows)
  console.log(`medians of ${options.pairs} rounds in turn; the ratio is the median of the rounds' ratios`)
}

const folder = await mkdtemp(join(tmpdir(), 'graft-bench-'))
try {
  report(await measure(engines(await bundle('graft-peer', folder))))
} finally {
  await rm(folder, { recursive: true, force: true })
}
