import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildRunSpec, buildSampling, parseMapping, parseModelRef } from '../../../main/cli/spec/build-run-spec'
import { CliError, exitCodes } from '../../../main/cli/exit'
import { addOptions, parseSetting, runOptions, samplingOptions } from '../../../main/cli/spec/run-options'

/** What commander makes of a command line. */
function read(...argv: string[]): Record<string, unknown> {
  const command = addOptions(new Command('train'), [...runOptions, ...samplingOptions])
  command.option('--method <id>').option('--model <ref>').option('--set <pair...>')
  return command.parse(argv, { from: 'user' }).opts()
}
const build = (...argv: string[]) => buildRunSpec({ options: read(...argv), dataset: { id: 'd' } })

function failure(act: () => unknown): CliError {
  try {
    act()
  } catch (error) {
    if (error instanceof CliError) return error
    throw error
  }
  throw new Error('expected a CliError, got none')
}

describe('buildRunSpec', () => {
  it('puts every option where the spec wants it', () => {
    const spec = build('--steps', '60', '--lr', '2e-3', '--batch', '4', '--max-new-tokens', '9', '--name', 'pirate')
    expect(spec.training).toMatchObject({ steps: 60, learningRate: 0.002, batchSize: 4 })
    expect(spec.sampling.maxNewTokens).toBe(9)
    expect(spec).toMatchObject({ name: 'pirate', model: { kind: 'starter' }, dataset: { id: 'd' } })
  })

  it('takes a switch with or without its value', () => {
    expect(build().training.packing).toBe(false)
    expect(build('--packing', '--steps', '3').training).toMatchObject({ packing: true, steps: 3 })
    expect(build('--packing', 'true', '--keep-together', 'false').training).toMatchObject({
      packing: true,
      keepTogether: false,
    })
    expect(failure(() => build('--packing', 'perhaps')).message).toContain('--packing: expected boolean')
  })

  it('takes the contract’s defaults for all that is not given', () => {
    expect(build()).toMatchObject({ training: { epochs: 1, seed: 42 }, method: { id: 'lora', parameters: {} } })
  })

  it('reads method parameters as numbers, booleans and text', () => {
    const spec = build('--method', 'lora', '--set', 'r=8', 'rslora=true', '--set', 'targets=q_proj,v_proj')
    expect(spec.method).toEqual({ id: 'lora', parameters: { r: 8, rslora: true, targets: 'q_proj,v_proj' } })
  })

  it('names the flags of all wrong values in one usage message', () => {
    const error = failure(() => build('--steps', 'many', '--schedule', 'zigzag'))
    expect(error.exitCode).toBe(exitCodes.usage)
    expect(error.message).toMatch(/--steps: expected number.*--schedule: /)
    expect(error.message).not.toContain('\n')
  })

  it('takes an empty value for a mistake, not for zero', () => {
    expect(failure(() => build('--seed', '')).message).toContain('--seed')
  })

  it('says how --set is written', () => {
    expect(failure(() => build('--set', 'r8')).message).toBe(
      '--set: expected NAME=VALUE, got "r8"; for example --set r=8',
    )
  })
})

describe('the smaller parsers', () => {
  it('reads settings', () => {
    expect(parseSetting('a==b')).toEqual(['a', '=b'])
    expect(parseSetting('a=')).toEqual(['a', ''])
    expect(parseSetting('=1')).toBeUndefined()
  })

  it('reads the model', () => {
    expect(parseModelRef('starter')).toEqual({ kind: 'starter' })
    expect(parseModelRef('./m')).toEqual({ kind: 'folder', path: './m' })
  })

  it('reads a column mapping, and refuses half of one', () => {
    expect(parseMapping({})).toBeUndefined()
    expect(parseMapping({ input: 'a, b', answer: 'c' })).toEqual({ form: 'mapped', input: ['a', 'b'], answer: 'c' })
    expect(failure(() => parseMapping({ input: 'a' })).exitCode).toBe(exitCodes.usage)
  })

  it('reads sampling, and names the flag that is wrong', () => {
    expect(buildSampling(read('--top-k', '5'))).toMatchObject({ topK: 5, temperature: 0 })
    expect(failure(() => buildSampling(read('--top-p', '7'))).message).toContain('--top-p')
  })
})
