import { GraftError } from '../errors'
import type { Task } from '../nn'
import type { ScheduleName } from '../optim'
import type { FileSource } from '../tensor'
import { ignoredLabel, type Batch } from '../text'

/** A reference case: batches, hyper-parameters and what PyTorch got. */
export interface GoldenCase {
  readonly arch: string
  readonly method: string
  /** Absent: causal-lm. */
  readonly task?: Task['kind']
  readonly hyperparameters: {
    readonly lr: number
    readonly betas: [number, number]
    readonly eps: number
    readonly weight_decay: number
    readonly max_grad_norm: number
    readonly schedule: ScheduleName
    readonly warmup_steps: number
    readonly steps: number
  }
  readonly batches: readonly GoldenBatch[]
  readonly probe: GoldenBatch
  readonly expected: { readonly loss: readonly number[]; readonly grad_norm: readonly number[] }
}

export interface GoldenBatch {
  readonly input_ids: readonly (readonly number[])[]
  readonly attention_mask: readonly (readonly number[])[]
  /** [B, T], or [B] for a classification: one class a row. */
  readonly labels: readonly (readonly number[])[] | readonly number[]
}

/** @throws GraftError `checkpoint-missing` */
export async function readJson(files: FileSource, name: string): Promise<unknown> {
  const source = await files.open(name)
  if (!source)
    throw new GraftError('checkpoint-missing', `golden case: expected a file ${name}, got none; check the folder`, {
      name,
    })
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  return JSON.parse(new TextDecoder().decode(bytes))
}

/** The label of each token: the token after it, or of a row's last token the row's class. */
function labelRows({ labels }: GoldenBatch, lengths: readonly number[], length: number): number[][] {
  return labels.map((row, i) => {
    if (typeof row !== 'number') return [...row.slice(1), ignoredLabel]
    return Array.from({ length }, (_, t) => (t === (lengths[i] as number) - 1 ? row : ignoredLabel))
  })
}

/** A row with so many placeholder tokens in front, which bear no loss. */
function withVirtualTokens({ input_ids, attention_mask, labels }: GoldenBatch, count: number): GoldenBatch {
  const before = <T>(value: T): T[] => Array.from({ length: count }, () => value)
  return {
    input_ids: input_ids.map((row) => [...before(0), ...row]),
    attention_mask: attention_mask.map((row) => [...before(1), ...row]),
    labels: labels.map((row) =>
      typeof row === 'number' ? row : [...before(ignoredLabel), ...row],
    ) as GoldenBatch['labels'],
  }
}

/** Ranges causal; as in the reference, padding (on the right) sees the real tokens only. */
export function toBatch(given: GoldenBatch, virtualTokens: number): Batch {
  const batch = withVirtualTokens(given, virtualTokens)
  const { input_ids, attention_mask } = batch
  const [rows, length] = [input_ids.length, input_ids[0]?.length ?? 0]
  const columns = Int32Array.from({ length: rows * length }, (_, i) => i % length)
  const lengths = attention_mask.map((row) => row.reduce((sum, bit) => sum + bit, 0))
  const labels = Int32Array.from(labelRows(batch, lengths, length).flat())
  return {
    rows,
    length,
    ids: Int32Array.from(input_ids.flat()),
    positions: columns,
    labels,
    first: new Int32Array(rows * length),
    last: columns.map((column, i) => Math.min(column, (lengths[Math.floor(i / length)] ?? 1) - 1)),
    tokens: lengths.reduce((sum, n) => sum + n, 0),
    trainedTokens: labels.filter((label) => label !== ignoredLabel).length,
  }
}
