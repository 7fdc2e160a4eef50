import { join } from 'node:path'
import type { ModelRef } from '../../../../preload/contract'
import { openModel as openModelIn, type OpenModel } from '../../../models'
import type { JobContext } from '../job-context'

export type { OpenModel }

export const starterDir = ({ paths }: JobContext): string => join(paths.resources, 'starter')

/** Opens a base model of this installation. @throws GraftError or HostError that says what is wrong with it */
export function openModel(ref: ModelRef, context: JobContext): Promise<OpenModel> {
  return openModelIn(ref, { starterDir: starterDir(context) })
}
