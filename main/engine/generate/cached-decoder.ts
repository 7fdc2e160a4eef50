import { batchSlots, type AppliedMethod, type ModelDefinition } from '../nn'
import { planDecode, positionsFor, type Executor, type Plan } from '../plan'

/** Tokens of a prompt that are taken in at once, and what capacities are multiples of. */
export const CHUNK = 32
const SMALLEST_CAPACITY = 2 * CHUNK

/**
 * Cache sizes: doubling, so that few plans are compiled and none attends over much more than twice what it needs. The
 * largest one is the context, rounded up to whole chunks, because a prompt's last chunk is padded.
 */
export function capacityFor(positions: number, maxLength: number): number {
  const largest = Math.ceil(maxLength / CHUNK) * CHUNK
  let capacity = SMALLEST_CAPACITY
  while (capacity < positions) capacity *= 2
  return Math.min(capacity, largest)
}

/** One key/value cache being filled. */
export interface DecodeSession {
  /**
   * Takes in the tokens at `position` and after it; those before it must be in already.
   * @param ids one token, or up to {@link CHUNK} where `position` is a multiple of it
   */
  takeIn(ids: readonly number[], position: number): Promise<void>
  /** Scores of what follows the last token taken in, [vocabulary]; valid until the next call. */
  logits(): Promise<Float32Array>
}

export interface CachedDecoder {
  /** Compiles what a cache for so many positions takes. */
  prepare(positions: number): Promise<void>
  /** A fresh cache for so many positions; ends the session before it. */
  start(positions: number): Promise<DecodeSession>
}

export interface CachedDecoderOptions {
  readonly executor: Executor
  readonly model: ModelDefinition
  readonly method: AppliedMethod
  /** The longest sequence of any plan that shares the executor. */
  readonly maxLength: number
}

interface PlanPair {
  readonly chunk: Plan
  readonly single: Plan
}

/**
 * Padding rows stand where the last token stands. Their keys fall behind it, into rows of the cache that nothing looks at
 * before the tokens that belong there overwrite them.
 */
async function feedTokens(
  executor: Executor,
  plan: Plan,
  rows: number,
  ids: readonly number[],
  position: number,
): Promise<void> {
  const end = position + ids.length - 1
  const places = (): Int32Array => Int32Array.from({ length: rows }, (_, i) => Math.min(position + i, end))
  await executor.upload(
    batchSlots.ids,
    Int32Array.from({ length: rows }, (_, i) => ids[i] ?? 0),
  )
  await executor.upload(batchSlots.positions, positionsFor(plan, places()))
  await executor.upload(batchSlots.first, new Int32Array(rows))
  await executor.upload(batchSlots.last, places())
}

/** Decoding with a key/value cache, over the executor's own weights: those being trained at this moment included. */
export function createCachedDecoder(options: CachedDecoderOptions): CachedDecoder {
  const { executor, maxLength } = options
  const prepared = new Map<number, PlanPair>()

  const plansOf = async (capacity: number): Promise<PlanPair> => {
    const before = prepared.get(capacity)
    if (before) return before
    const pair = {
      chunk: planDecode({ ...options, capacity, tokens: CHUNK }),
      single: planDecode({ ...options, capacity, tokens: 1 }),
    }
    await executor.prepare([pair.chunk, pair.single])
    prepared.set(capacity, pair)
    return pair
  }

  return {
    prepare: async (positions) => void (await plansOf(capacityFor(positions, maxLength))),
    async start(positions) {
      const { chunk, single } = await plansOf(capacityFor(positions, maxLength))
      let last = { plan: single, row: 0 }
      await executor.run(single, 'begin')
      return {
        async takeIn(ids, position) {
          last = { plan: ids.length === 1 ? single : chunk, row: ids.length - 1 }
          await feedTokens(executor, last.plan, ids.length === 1 ? 1 : CHUNK, ids, position)
          await executor.run(last.plan, 'forward', { position })
        },
        async logits() {
          await executor.run(last.plan, 'logits', { row: last.row })
          return executor.read('logits')
        },
      }
    },
  }
}
