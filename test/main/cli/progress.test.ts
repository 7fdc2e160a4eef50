import { describe, expect, it } from 'vitest'
import { createJsonReporter, createReporter } from '../../../main/cli/progress'
import { createTerminal } from '../../../main/cli/terminal'
import type { JobEvent, JobEventBody } from '../../../preload/contract'

const event = (seq: number, body: JobEventBody): JobEvent => ({ seq, time: '2026-01-01T00:00:00.000Z', ...body })
const step = (number: number): JobEvent =>
  event(number, {
    type: 'step',
    step: number,
    loss: 2 / number,
    learningRate: 1e-3,
    gradNorm: 1,
    tokens: 100 * number,
    trainedTokens: 38 * number,
    tokensPerSecond: 812,
    trainedTokensPerSecond: 310,
    memory: 4.1e8,
    secondsLeft: 48,
  })
const prepared = event(0, {
  type: 'prepared',
  modelName: 'starter',
  parameters: 11_000_000,
  trainableParameters: 220_000,
  trainRows: 270,
  validationRows: 30,
  notes: ['2 rows were shortened'],
  steps: 60,
  threads: 2,
  buckets: [64],
  memory: [
    { part: 'weights', bytes: 4e7 },
    { part: 'activations', bytes: 6e7 },
  ],
})

/** A terminal whose streams are kept as text. */
function record(isTTY: boolean) {
  const kept = { out: '', err: '' }
  const stream = (name: 'out' | 'err') =>
    ({ isTTY, columns: 100, write: (text: string) => ((kept[name] += text), true) }) as NodeJS.WriteStream
  return { kept, terminal: createTerminal(stream('out'), stream('err')) }
}

describe('createReporter', () => {
  it('says on one rewritten line what matters during a step', () => {
    const { kept, terminal } = record(true)
    const report = createReporter(terminal)
    for (const each of [prepared, step(34), step(35)]) report(each)
    expect(kept.err).toContain('34/60  loss 0.0588  812 tokens/s (310 trained)  410 MB  0:48 left\r\u001b[K')
    expect(kept.out).toBe('')
  })

  it('prints a few whole lines where nobody watches', () => {
    const { kept, terminal } = record(false)
    const report = createReporter(terminal)
    report(prepared)
    for (let number = 1; number <= 60; number += 1) report(step(number))
    const lines = kept.err.split('\n').filter((line) => line.startsWith('step '))
    expect(lines.length).toBeLessThanOrEqual(13)
    expect(lines.at(-1)).toContain('60/60')
    expect(kept.err).not.toContain('\r')
  })

  it('tells what is trained, the forecast and the notes before the first step', () => {
    const { kept, terminal } = record(false)
    createReporter(terminal)(prepared)
    expect(kept.err).toContain(
      'training 220 k of 11.0 M parameters (2 %) on 270 rows, 30 held out; 60 steps, 2 threads, about 100 MB',
    )
    expect(kept.err).toContain('note: 2 rows were shortened')
  })

  it('streams tokens to standard output as they come', () => {
    const { kept, terminal } = record(false)
    const report = createReporter(terminal)
    for (const [index, text] of ['Ahoy', ', mate'].entries()) report(event(index, { type: 'token', text, index }))
    expect(kept.out).toBe('Ahoy, mate')
  })

  it('puts the name of whoever speaks before their words, where several do', () => {
    const { kept, terminal } = record(false)
    const report = createReporter(terminal)
    const said = (speaker: string, text: string) => report(event(0, { type: 'token', text, index: 0, speaker }))
    for (const text of ['', 'A', 'hoy']) said('pirate', text)
    said('mute', '')
    said('base model', 'Hello')
    expect(kept.out).toBe('pirate:\nAhoy\n\nmute:\n\n\nbase model:\nHello')
  })

  it('names a stage once, however often it advances', () => {
    const { kept, terminal } = record(false)
    const report = createReporter(terminal)
    for (let done = 0; done < 5; done += 1) report(event(done, { type: 'stage', stage: 'reading', done, total: 5 }))
    expect(kept.err).toBe('reading\n')
  })
})

describe('createJsonReporter', () => {
  it('prints each event as one line that reads back equal', () => {
    const { kept, terminal } = record(true)
    const report = createJsonReporter(terminal)
    report(prepared)
    report(step(1))
    expect(
      kept.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([prepared, step(1)])
    expect(kept.err).toBe('')
  })
})
