import type { CommandSpec } from '../session'
import { methodsCommand } from './catalogue/methods'
import { modelsCommand } from './catalogue/models'
import { datasetsCommand } from './data/datasets'
import { importCommand } from './data/import'
import { mapCommand } from './data/map'
import { deleteCommand } from './delete'
import { demoCommand } from './demo'
import { doctorCommand } from './doctor'
import { evalCommand } from './eval'
import { exportCommand } from './export'
import { goldenCommand } from './golden'
import { resumeCommand } from './resume'
import { runsCommand } from './runs'
import { sampleCommand } from './sample'
import { showCommand } from './show'
import { trainCommand } from './train'

/** In the order of the help text, under its headings. */
export const commandGroups: readonly (readonly [heading: string, commands: readonly CommandSpec[]])[] = [
  ['Data and models:', [importCommand, datasetsCommand, mapCommand, modelsCommand, methodsCommand]],
  ['Training:', [trainCommand, resumeCommand]],
  ['Runs:', [runsCommand, showCommand, evalCommand, sampleCommand, exportCommand, deleteCommand]],
  ['This machine:', [demoCommand, doctorCommand, goldenCommand]],
]
