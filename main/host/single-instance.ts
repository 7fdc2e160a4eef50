import type { App } from 'electron'

/**
 * Two studios would write into one workspace, so the second one only brings the first to the front.
 * Returns whether this process is the first; otherwise it has been told to quit.
 */
export function holdSingleInstance(app: App, bringToFront: () => void): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return false
  }
  app.on('second-instance', bringToFront)
  return true
}
