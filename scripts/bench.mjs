/**
 * `npm run bench`: one optimiser step of Graft against one of PyTorch + PEFT on the same shape, taken in turns in the same
 * minutes, because a shared machine's speed drifts: what counts is the median of the ratios of neighbouring steps.
 * The peer runs where a Python with torch, transformers and peft is found (GRAFT_BENCH_PYTHON, else python3).
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '..')
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

async function bundlePeer(outDir) {
  await symlink(join(root, 'node_modules'), join(outDir, 'node_modules'), 'junction')
  const output = { entryFileNames: '[name].mjs' }
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: 'test/bench/graft-peer.ts', outDir, emptyOutDir: false, target: 'node20', rollupOptions: { output } },
  })
  return join(outDir, 'graft-peer.mjs')
}

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
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`

const shared = ['--shape', options.shape, '--batch', options.batch, '--length', options.length]
const folder = await mkdtemp(join(tmpdir(), 'graft-bench-'))
try {
  const script = await bundlePeer(folder)
  const graft = await startPeer(process.execPath, [script, ...shared, '--threads', options.threads])
  const peerArgs = [join(root, 'test/bench/peer.py'), '--interactive', ...shared, '--rank', '8']
  const peer = hasPython()
    ? await startPeer(python, [...peerArgs, '--threads', options.threads, '--dtype', options.dtype])
    : undefined
  if (!peer) console.log(`no PyTorch + PEFT at "${python}": Graft alone is measured`)
  // Once each to warm up.
  await graft.step()
  await peer?.step()
  const [ours, theirs] = [[], []]
  for (let i = 0; i < Number(options.pairs); i++) {
    ours.push(await graft.step())
    if (peer) theirs.push(await peer.step())
  }
  const tokens = Number(options.batch) * Number(options.length)
  const row = (name, times, bytes) => ({
    engine: name,
    'median step': `${Math.round(median(times))} ms`,
    'tokens/s': Math.round((tokens / median(times)) * 1000),
    'peak memory': megabytes(bytes),
  })
  const [graftEnd, peerEnd] = [await graft.quit(), await peer?.quit()]
  console.log(
    `${options.shape}, LoRA r=8 on 7 matrices, ${options.batch} x ${options.length}, ${options.threads} threads`,
  )
  const rows = [row('Graft', ours, graftEnd.peakBytes)]
  if (peer) rows.push(row(`PyTorch + PEFT ${options.dtype}`, theirs, peerEnd.peakBytes))
  console.table(rows)
  if (peer) {
    const ratios = ours.map((ms, i) => theirs[i] / ms)
    console.log(
      `Graft's speed over the peer's, median of ${ratios.length} neighbouring pairs: ${median(ratios).toFixed(2)}`,
    )
    console.log(`pairs: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
