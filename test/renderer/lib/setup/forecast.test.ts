import { describe, expect, it } from 'vitest'
import { keeping, memoryShares, totalBytes } from '../../../../renderer/lib/setup/forecast'

const memory = [
  { part: 'activations', bytes: 300 },
  { part: 'something new', bytes: 200 },
  { part: 'batch', bytes: 0.5 },
  { part: 'frozen weights', bytes: 499.5 },
]

describe('the bar of a forecast', () => {
  it('ends at what is free, and names the model first, then what it does not know, then the rest', () => {
    const shares = memoryShares({ memory, free: 2000 })
    expect(shares.map(({ part }) => part)).toEqual(['frozen weights', 'activations', 'something new'])
    expect(shares.map(({ share }) => share)).toEqual([0.24975, 0.15, 0.1])
  })

  it('sums up what is too small to be seen, once there is enough of it', () => {
    const crumbs = Array.from({ length: 4 }, (_, i) => ({ part: `crumb ${i}`, bytes: 0.5 }))
    expect(memoryShares({ memory: [...memory, ...crumbs], free: 2000 }).at(-1)).toMatchObject({
      part: 'other',
      bytes: 2.5,
    })
  })

  it('is full where more is needed than is free', () => {
    const shares = memoryShares({ memory, free: 10 })
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 3)
    expect(totalBytes({ memory })).toBe(1000)
  })
})

it('says of which layers activations are kept', () => {
  expect([0, 1, 29, 30].map((keptLayers) => keeping({ layers: 30, keptLayers }))).toEqual([
    'none',
    'some',
    'some',
    'all',
  ])
})
