import type { ExportFormat } from '../../nn'
import { table } from '../card/markdown'
import { beyondLimits, type Comparison } from './compare'
import { limits, type StoredType } from './limits'
import type { ReadingComparison } from './reading'

/** What was found when an export was loaded again and compared with the trained model; `certificate.json`. */
export interface Certificate {
  readonly version: 1
  readonly verdict: 'passed' | 'failed'
  readonly format: ExportFormat
  /** By which the limits were chosen. */
  readonly type: StoredType
  readonly run: { readonly id: string; readonly step: number; readonly software: string }
  readonly prompts: { readonly count: number; readonly from: 'held-out rows' | 'the studio' }
  readonly logits: {
    readonly positions: number
    readonly largestDifference: number
    readonly allowed: number
    readonly spread: number
  }
  readonly greedy: { readonly agreeing: number; readonly positions: number; readonly required: number }
  /** Null where the format has no tokenizer of its own: the base model's is used. */
  readonly template: ReadingComparison | null
  /** What was not as it must be, as sentences. */
  readonly failures: readonly string[]
}

export interface CertificateFacts extends Pick<Certificate, 'format' | 'type' | 'run' | 'prompts'> {
  readonly comparison: Comparison
  readonly reading: ReadingComparison | undefined
}

function readingFailures(reading: ReadingComparison | undefined): string[] {
  if (!reading || reading.same === reading.conversations) return []
  return [
    `${reading.conversations - reading.same} of ${reading.conversations} conversations are written or read otherwise`,
  ]
}

export function certify({ format, type, run, prompts, comparison, reading }: CertificateFacts): Certificate {
  const { positions, largestDifference, spread, agreeing } = comparison
  const limit = limits[type]
  const failures = [...beyondLimits(comparison, limit), ...readingFailures(reading)]
  return {
    version: 1,
    verdict: failures.length === 0 ? 'passed' : 'failed',
    format,
    type,
    run,
    prompts,
    logits: { positions, largestDifference, allowed: limit.difference * spread, spread },
    greedy: { agreeing, positions, required: Math.floor(limit.agreement * positions) },
    template: reading ?? null,
    failures,
  }
}

const text = (value: number): string => String(Number(value.toPrecision(3)))

/** The certificate for people: a section of the card. */
export function certificateText({ verdict, type, prompts, logits, greedy, template }: Certificate): string {
  const outcome =
    verdict === 'passed'
      ? 'These files were loaded again and say what the trained model says.'
      : 'These files were loaded again and do not say what the trained model says.'
  const rows = [
    ['largest difference of any logit', text(logits.largestDifference), `at most ${text(logits.allowed)}`],
    ['same likeliest token', `${greedy.agreeing} of ${greedy.positions}`, `at least ${greedy.required}`],
    ...(template
      ? [['conversations read alike', `${template.same} of ${template.conversations}`, `${template.conversations}`]]
      : []),
  ]
  return [
    '## Parity certificate',
    `${outcome} Compared on ${prompts.count} prompts from ${prompts.from}, ${logits.positions} positions; limits for weights stored as ${type}, where the logits' standard deviation is ${text(logits.spread)}.`,
    table(['measure', 'found', 'expected'], rows),
    ...(template ? [] : ['The format has no tokenizer of its own: the base model’s is used.']),
  ].join('\n\n')
}
