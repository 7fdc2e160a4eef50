import { join } from 'node:path'
import type { ModelRef, TaskChoice } from '../../../../preload/contract'
import { openModel as openModelIn, type OpenModel } from '../../../models'
import type { JobContext } from '../job-context'

export type { OpenModel }

export const starterDir = ({ paths }: JobContext): string => join(paths.resources, 'starter')

/**
 * Opens a base model of this installation.
 * @param task what a run wants of it; absent: what it was saved for
 * @throws GraftError or HostError that says what is wrong with it
 */
export function openModel(ref: ModelRef, context: JobContext, task?: TaskChoice): Promise<OpenModel> {
  return openModelIn(ref, { starterDir: starterDir(context) }, task)
}
