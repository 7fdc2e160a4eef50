import type { CommandSpec } from '../session'
import { demoCommand } from './demo'
import { doctorCommand } from './doctor'
import { evalCommand } from './eval'
import { exportCommand } from './export'
import { goldenCommand } from './golden'
import { importCommand } from './data/import'
import { resumeCommand } from './resume'
import { runsCommand } from './runs'
import { sampleCommand } from './sample'
import { showCommand } from './show'
import { trainCommand } from './train'

/** In the order of the help text: the way through a project, then what looks after the machine. */
export const commands: readonly CommandSpec[] = [
  demoCommand,
  importCommand,
  trainCommand,
  resumeCommand,
  runsCommand,
  showCommand,
  evalCommand,
  sampleCommand,
  exportCommand,
  doctorCommand,
  goldenCommand,
]
