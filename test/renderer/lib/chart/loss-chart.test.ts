import { describe, expect, it } from 'vitest'
import { axisEnd, chartOptions, type ChartLook, datasetsOf, seriesOf } from '../../../../renderer/lib/chart/loss-chart'
import { evaluation, point } from '../../make-run'

const look: ChartLook = {
  training: 'green',
  faint: 'pale',
  validation: 'orange',
  grid: 'grey',
  text: 'black',
  surface: 'white',
  border: 'grey',
  font: 'system-ui',
  words: { training: 'training', smoothed: 'smoothed', validation: 'held out', x: 'Step', y: 'Loss' },
}

describe('the loss chart', () => {
  it('draws steps over losses, and leaves out what is not a number', () => {
    const series = seriesOf({
      points: [point(1, 3), point(2, Number.NaN), point(3, 1)],
      evaluations: [evaluation(0, 3.2), evaluation(3, 1.1)],
    })
    expect(series.raw).toEqual([
      { x: 1, y: 3 },
      { x: 3, y: 1 },
    ])
    expect(series.smoothed).toHaveLength(2)
    expect(series.validation.map(({ x }) => x)).toEqual([0, 3])
    expect(datasetsOf(series, look).map(({ label }) => label)).toEqual(['training', 'smoothed', 'held out'])
  })
  it('keeps the axis as long as the run, and names both axes', () => {
    const scales = chartOptions(look, true, 60)?.scales
    expect(scales?.x).toMatchObject({ min: 0, max: 60, title: { text: 'Step' } })
    expect(scales?.y).toMatchObject({ type: 'logarithmic', title: { text: 'Loss' } })
    expect(chartOptions(look, false, 0)?.scales?.x).not.toHaveProperty('max')
  })
})

describe('the end of the axis', () => {
  it('is the last step of a short run from the start', () => {
    expect([0, 1, 30, 60].map((step) => axisEnd(60, step))).toEqual([60, 60, 60, 60])
  })
  it('of a long run moves away in doublings, and the curve always fits', () => {
    const ends = Array.from({ length: 10_001 }, (_, step) => axisEnd(10_000, step))
    expect(ends.every((end, step) => end >= step)).toBe(true)
    expect([...new Set(ends)]).toEqual([79, 157, 313, 625, 1250, 2500, 5000, 10_000])
  })
  it('is nowhere while the steps are not known', () => expect(axisEnd(0, 0)).toBe(0))
})
