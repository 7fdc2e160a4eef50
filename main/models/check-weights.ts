import type { Checkpoint } from '../engine/checkpoint'
import { GraftError } from '../engine/errors'
import type { ModelDefinition } from '../engine/nn'

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/**
 * Compares what the config promises with what the weight files hold, by their headers.
 * @throws GraftError `checkpoint-mismatch` naming the first tensor that is missing or has another shape.
 */
export function checkWeights(model: ModelDefinition, checkpoint: Checkpoint): void {
  for (const { name, shape } of model.weights) {
    const found = checkpoint.has(name) ? checkpoint.info(name).shape : undefined
    if (found && shapeText(found) === shapeText(shape)) continue
    const got = found ? shapeText(found) : 'none'
    throw new GraftError(
      'checkpoint-mismatch',
      `weights: ${name}: expected ${shapeText(shape)} as config.json says, got ${got}; config and weights are of different models`,
      { tensor: name, expected: shape, found: found ?? null },
    )
  }
}
