import { number, table } from './markdown'

/** A loss, in nats per token, after so many steps. */
export interface CurvePoint {
  readonly step: number
  readonly loss: number
}

/** How a run's losses went. */
export interface Curves {
  readonly training: readonly CurvePoint[]
  readonly validation: readonly CurvePoint[]
}

const BARS = '▁▂▃▄▅▆▇█'
/** Columns of a picture that a card has room for. */
const COLUMNS = 48
/** Rows of numbers that somebody still reads. */
const ROWS = 12

/** The mean of each of at most so many equal parts, so that one noisy step decides nothing. */
function parts(points: readonly CurvePoint[], count: number): CurvePoint[] {
  const size = Math.max(1, points.length / count)
  return Array.from({ length: Math.min(count, points.length) }, (_, i) => {
    const part = points.slice(Math.floor(i * size), Math.max(Math.floor(i * size) + 1, Math.floor((i + 1) * size)))
    const loss = part.reduce((sum, point) => sum + point.loss, 0) / part.length
    return { step: part.at(-1)?.step ?? 0, loss }
  })
}

/** The curve as one line of text: the highest loss a full bar, the lowest a thin one. */
export function sparkline(points: readonly CurvePoint[]): string {
  const heights = parts(points, COLUMNS).map(({ loss }) => loss)
  const [low, high] = [Math.min(...heights), Math.max(...heights)]
  const level = (loss: number): number =>
    high > low ? Math.round(((loss - low) / (high - low)) * (BARS.length - 1)) : 0
  return heights.map((loss) => (Number.isFinite(loss) ? BARS.charAt(level(loss)) : ' ')).join('')
}

/** Losses at the steps at which the model was evaluated; where it never was, the training losses alone. */
function rowsOf({ training, validation }: Curves): string[][] {
  const near = (step: number): number | undefined => training.findLast((point) => point.step <= step)?.loss
  const shown = validation.length > 0 ? thinned(validation, ROWS) : parts(training, ROWS)
  return shown.map(({ step, loss }) =>
    validation.length > 0 ? [String(step), number(near(step)), number(loss)] : [String(step), number(loss), ''],
  )
}

/** At most so many of the points, the first and the last among them. */
function thinned(points: readonly CurvePoint[], count: number): CurvePoint[] {
  if (points.length <= count) return [...points]
  const chosen = Array.from({ length: count }, (_, i) => Math.round((i * (points.length - 1)) / (count - 1)))
  return chosen.flatMap((at) => points[at] ?? [])
}

/** The card's section on how training went; empty where nothing was recorded. */
export function curveText(curves: Curves): string {
  const { training, validation } = curves
  if (training.length === 0 && validation.length === 0) return ''
  const lines = [
    ['training', training],
    ['validation', validation],
  ] as const
  const pictures = lines
    .filter(([, points]) => points.length > 1)
    .map(([name, points]) => `${name.padEnd(10)} ${sparkline(points)}`)
  return [
    ...(pictures.length > 0 ? [`\`\`\`text\n${pictures.join('\n')}\n\`\`\``] : []),
    table(['step', 'training loss', 'validation loss'], rowsOf(curves)),
  ].join('\n\n')
}
