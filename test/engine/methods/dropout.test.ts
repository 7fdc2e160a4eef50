import { beforeAll, describe, expect, it } from 'vitest'
import type { ParameterValues, ReadTensor } from '../../../main/engine/nn'
import {
  applyMethod,
  largestDifference,
  openGolden,
  trainedTensors,
  withSession,
  type SmallModel,
} from './small-session'

let small: SmallModel
beforeAll(async () => {
  small = await openGolden('llama')
})

interface Trained {
  readonly read: ReadTensor
  readonly logits: Float32Array
}

/** Three steps of LoRA, then what was trained and what the model answers. */
function train(values: ParameterValues, seed: number): Promise<Trained> {
  return withSession(small, applyMethod(small, 'lora', values), async (session) => {
    await session.train(3, seed)
    return { logits: await session.logits(), read: await trainedTensors(session) }
  })
}

const name = 'model.layers.1.mlp.down_proj.lora_B.weight'
const masks = { dropout: 0.1 }

describe('dropout', () => {
  it('draws other masks with another seed, and the same with the same', async () => {
    const [first, same, other] = [await train(masks, 5), await train(masks, 5), await train(masks, 6)]
    expect(await same.read(name)).toEqual(await first.read(name))
    expect(largestDifference(await other.read(name), await first.read(name))).toBeGreaterThan(0)
  })

  it('draws none when the model is asked', async () => {
    const { read, logits } = await train(masks, 5)
    const calm = applyMethod(small, 'lora', { dropout: 0 })
    const without = await withSession(small, calm, async (session) => {
      for (const parameter of calm.trainable) await session.executor.upload(parameter.name, await read(parameter.name))
      return session.logits()
    })
    expect(without).toEqual(logits)
  })

  it('of 0 leaves nothing to the seed', async () => {
    const [first, second] = [await train({}, 5), await train({}, 6)]
    expect(await second.read(name)).toEqual(await first.read(name))
  })
})
