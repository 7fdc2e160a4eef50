import { GraftError } from '../errors'
import { causalLm, type Task } from '../nn'
import type { Json } from './config/config-reader'

const CLASSIFIER = /ForSequenceClassification$/

function invalid(field: string, expected: string, got: unknown): GraftError {
  const message = `config.json: ${field}: expected ${expected}, got ${JSON.stringify(got)}; the file may be damaged`
  return new GraftError('config-invalid', message, { field })
}

/** transformers' own default for a config.json that says nothing of its classes. */
const DEFAULT_CLASSES = 2

function numberedLabels(json: Json): string[] {
  const count = json['num_labels'] ?? DEFAULT_CLASSES
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1)
    throw invalid('num_labels', 'a number of classes', count)
  return Array.from({ length: count }, (_, i) => `LABEL_${i}`)
}

/**
 * The labels of a classifier's config.json in the order of its classes; numbered ones where it has no names.
 * @throws GraftError `config-invalid` where classes are left out
 */
export function readLabels(json: Json): string[] {
  const names = json['id2label']
  if (names === undefined || names === null) return numberedLabels(json)
  if (typeof names !== 'object' || Array.isArray(names)) throw invalid('id2label', 'a name for each class', names)
  const entries = Object.entries(names as Record<string, unknown>)
  return entries.map((_, i) => {
    const label = (names as Record<string, unknown>)[String(i)]
    if (typeof label === 'string') return label
    throw invalid('id2label', `a name for class ${i}`, label)
  })
}

/** What a parsed config.json says that its model is for: the class that saved it stands there. */
export function readTask(json: Json): Task {
  const { architectures } = json
  const [name] = Array.isArray(architectures) ? (architectures as unknown[]) : []
  if (typeof name !== 'string' || !CLASSIFIER.test(name)) return causalLm
  return { kind: 'sequence-classification', labels: readLabels(json) }
}
