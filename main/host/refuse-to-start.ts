import type { App, Dialog } from 'electron'
import { toFailure } from '../files'

/** Says in one window why the studio cannot start, and ends it. */
export function refuseToStart(app: Pick<App, 'exit'>, dialog: Pick<Dialog, 'showErrorBox'>, error: unknown): void {
  dialog.showErrorBox('Graft Studio cannot start', toFailure(error).message)
  app.exit(1)
}
