import type { ChartConfiguration, ChartDataset } from 'chart.js'
import type { RunView } from '../../../preload/contract'
import { smooth, smoothingFor, type XY } from './smooth'

/** Colours and words of the chart, in the theme and language shown. */
export interface ChartLook {
  readonly training: string
  readonly faint: string
  readonly validation: string
  readonly grid: string
  readonly text: string
  readonly surface: string
  readonly border: string
  readonly font: string
  readonly words: {
    readonly training: string
    readonly smoothed: string
    readonly validation: string
    readonly x: string
    readonly y: string
  }
}

export interface ChartSeries {
  readonly raw: readonly XY[]
  readonly smoothed: readonly XY[]
  readonly validation: readonly XY[]
}

/** The three series of a run's loss, over steps. */
export function seriesOf(view: Pick<RunView, 'points' | 'evaluations'>): ChartSeries {
  const raw = view.points.map(({ step, loss }) => ({ x: step, y: loss })).filter(({ y }) => Number.isFinite(y))
  const validation = view.evaluations
    .map(({ step, loss }) => ({ x: step, y: loss }))
    .filter(({ y }) => Number.isFinite(y))
  return { raw, smoothed: smooth(raw, smoothingFor(raw.length)), validation }
}

const line = { parsing: false, normalized: true, pointRadius: 0, pointHitRadius: 0 } as const

export function datasetsOf(series: ChartSeries, look: ChartLook): ChartDataset<'line', XY[]>[] {
  return [
    { ...line, label: look.words.training, data: [...series.raw], borderColor: look.faint, borderWidth: 1 },
    { ...line, label: look.words.smoothed, data: [...series.smoothed], borderColor: look.training, borderWidth: 2 },
    {
      ...line,
      label: look.words.validation,
      data: [...series.validation],
      borderColor: look.validation,
      backgroundColor: look.validation,
      clip: 8,
      borderWidth: 1.5,
      borderDash: [4, 4],
      pointRadius: 4,
      pointStyle: 'rectRot',
    },
  ]
}

/** A run of so few steps is shown whole from the start. */
const WHOLE = 100

/**
 * Where the axis of a run ends: at its last step, or at a half, a quarter … of that while the curve would be a mere line
 * at the edge. So it moves a few times in a long run, each time to twice its length, and not in a short one.
 */
export function axisEnd(steps: number, step: number): number {
  let end = steps
  while (end > WHOLE && step * 1.25 <= end / 2) end /= 2
  return Math.ceil(end)
}

/** Everything of the chart but its data. `steps` fixes the axis, so that the curve grows into its place. */
export function chartOptions(
  look: ChartLook,
  logarithmic: boolean,
  steps: number,
): ChartConfiguration<'line'>['options'] {
  const font = { family: look.font, size: 12 }
  const axis = { grid: { color: look.grid }, border: { display: false } } as const
  const ticks = { color: look.text, font, maxTicksLimit: 8, precision: 0 }
  const title = (text: string) => ({ display: true, text, color: look.text, font })
  const y = { ...axis, ticks: { color: look.text, font, maxTicksLimit: 6 }, title: title(look.words.y) }
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: 'index', intersect: false, axis: 'x' },
    scales: {
      x: {
        type: 'linear',
        min: 0,
        ...(steps > 0 ? { max: steps } : { suggestedMax: 10 }),
        ...axis,
        ticks,
        title: title(look.words.x),
      },
      y: logarithmic ? { type: 'logarithmic', ...y } : { type: 'linear', beginAtZero: true, ...y },
    },
    plugins: {
      decimation: { enabled: true, algorithm: 'lttb', samples: 600 },
      legend: { display: false },
      tooltip: {
        backgroundColor: look.surface,
        borderColor: look.border,
        borderWidth: 1,
        titleColor: look.text,
        bodyColor: look.text,
        titleFont: font,
        bodyFont: font,
        displayColors: false,
        callbacks: {
          title: ([item]) => (item ? `${look.words.x} ${item.parsed.x}` : ''),
          label: (item) => `${item.dataset.label}: ${(item.parsed.y ?? 0).toPrecision(4)}`,
        },
      },
      zoom: {
        pan: { enabled: true, mode: 'x' },
        zoom: { wheel: { enabled: true, modifierKey: 'ctrl' }, pinch: { enabled: true }, mode: 'x' },
        limits: { x: { min: 0, max: Math.max(1, steps), minRange: 5 } },
      },
    },
  }
}
