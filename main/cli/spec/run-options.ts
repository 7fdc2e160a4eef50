import type { Command } from 'commander'

/** One option of `graft train`: where its value goes in the run spec. Flags, help and error messages come from here. */
export interface RunOption {
  readonly flag: string
  readonly value: string
  readonly type: 'number' | 'numbers' | 'text' | 'boolean'
  readonly path: readonly [string, ...string[]]
  readonly explanation: string
}

const option = (
  flag: string,
  value: string,
  type: RunOption['type'],
  path: string,
  explanation: string,
): RunOption => ({
  flag,
  value,
  type,
  path: path.split('.') as [string, ...string[]],
  explanation,
})

export const runOptions: readonly RunOption[] = [
  option('name', 'TEXT', 'text', 'name', 'what to call the run'),
  option('backend', 'NAME', 'text', 'backend', 'cpu-onnx or reference'),
  option('steps', 'N', 'number', 'training.steps', 'optimiser steps (otherwise --epochs decides)'),
  option('epochs', 'N', 'number', 'training.epochs', 'passes over the training rows'),
  option('batch', 'N', 'number', 'training.batchSize', 'examples in a batch'),
  option('accumulation', 'N', 'number', 'training.accumulation', 'batches summed into one step'),
  option('max-length', 'N', 'number', 'training.maxLength', 'tokens an example may have'),
  option(
    'packing',
    'BOOL',
    'boolean',
    'training.packing',
    'several examples share a row, with equal losses and less padding; a batch has about as many examples (off)',
  ),
  option('lr', 'X', 'number', 'training.learningRate', 'learning rate (otherwise the method decides)'),
  option('schedule', 'NAME', 'text', 'training.schedule', 'linear, cosine or constant'),
  option('warmup', 'X', 'number', 'training.warmup', 'steps, or a share of all steps below 1'),
  option('weight-decay', 'X', 'number', 'training.weightDecay', 'decoupled weight decay'),
  option('betas', 'X,Y', 'numbers', 'training.betas', 'AdamW’s decay of its two averages'),
  option('epsilon', 'X', 'number', 'training.epsilon', 'AdamW’s term against division by zero'),
  option('clip', 'X', 'number', 'training.maxGradNorm', 'largest gradient norm; 0 switches clipping off'),
  option('seed', 'N', 'number', 'training.seed', 'makes the run repeatable'),
  option('validation', 'X', 'number', 'training.validationShare', 'share of the rows that is held out'),
  option(
    'keep-together',
    'BOOL',
    'boolean',
    'training.keepTogether',
    'rows with one prompt stay on one side of the split',
  ),
  option('evaluate-every', 'N', 'number', 'training.evaluateEvery', 'steps between evaluations'),
  option('validation-rows', 'N', 'number', 'training.validationRows', 'held-out rows that the loss is measured on'),
  option('checkpoint-every', 'N', 'number', 'training.checkpointEvery', 'steps between checkpoints'),
  option('patience', 'N', 'number', 'training.patience', 'stop after N evaluations without a better loss'),
  option('threads', 'N', 'number', 'training.threads', 'threads; 0: what the machine has'),
  option(
    'memory-limit',
    'BYTES',
    'number',
    'training.memoryLimit',
    'memory the worker may take; 0: what is free, less a reserve',
  ),
  option('metric', 'NAME', 'text', 'metric.kind', 'auto, exact-match, label-accuracy or none'),
  option('metric-rows', 'N', 'number', 'metric.rows', 'held-out rows that the metric is taken on'),
  option('samples', 'N', 'number', 'sampling.prompts', 'held-out prompts that are answered during training'),
]

export const samplingOptions: readonly RunOption[] = [
  option('max-new-tokens', 'N', 'number', 'sampling.maxNewTokens', 'longest answer'),
  option('temperature', 'X', 'number', 'sampling.temperature', '0: always the likeliest token'),
  option('top-k', 'N', 'number', 'sampling.topK', 'choose among the K likeliest tokens'),
  option('top-p', 'X', 'number', 'sampling.topP', 'choose among the likeliest tokens of this total probability'),
  option('repetition-penalty', 'X', 'number', 'sampling.repetitionPenalty', 'above 1: avoid what was already said'),
]

/**
 * Adds options to a command. Their values stay text: the schema judges them, with the flag's name in its message.
 * A switch without a value is on.
 */
export function addOptions(command: Command, options: readonly RunOption[]): Command {
  for (const { flag, value, type, explanation } of options)
    command.option(type === 'boolean' ? `--${flag} [${value}]` : `--${flag} <${value}>`, explanation)
  return command
}

export const camel = (flag: string): string => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

type Tree = Record<string, unknown>

function setPath(tree: Tree, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) tree[key] = value
  else setPath((tree[key] ??= {}) as Tree, rest, value)
}

/** What is no value of its type stays what it is, for the schema to refuse. */
const parsers: Readonly<Record<RunOption['type'], (text: string) => unknown>> = {
  // `Number('')` is 0; an empty value is a mistake, not a zero.
  number: (text) => (text.trim() ? Number(text) : NaN),
  numbers: (text) => text.split(',').map((part) => parsers.number(part)),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  text: (text) => text,
}

/** The given options as a tree in the spec's shape. */
export function readOptions(values: Readonly<Record<string, unknown>>, options: readonly RunOption[]): Tree {
  const tree: Tree = {}
  for (const { flag, type, path } of options) {
    const given = values[camel(flag)]
    if (given === true) setPath(tree, path, true)
    else if (typeof given === 'string') setPath(tree, path, parsers[type](given))
  }
  return tree
}

/** `r=8` → `['r', 8]`; a value that is no number and no boolean is text. Undefined where there is no `=`. */
export function parseSetting(text: string): [string, string | number | boolean] | undefined {
  const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) return undefined
  if (value === 'true' || value === 'false') return [name, value === 'true']
  return [name, value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value]
}

/** The options that say which column of a file plays which part. */
export function addMappingOptions(command: Command): Command {
  return command
    .option('--input <columns>', 'columns that make the question, separated by commas')
    .option('--answer <column>', 'the column with what the model is to say')
    .option('--system <column>', 'the column with the system message')
    .option('--instruction <text>', 'an instruction put before every question')
}
