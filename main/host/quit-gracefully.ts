import type { App } from 'electron'

/** Lets running jobs write their checkpoint before the app ends. A second request to quit is not held up. */
export function quitGracefully(app: App, close: () => Promise<void>): void {
  let closing = false
  app.on('before-quit', (event) => {
    if (closing) return
    closing = true
    event.preventDefault()
    // Whatever went wrong on the way, the person asked to quit.
    void close()
      .catch(() => undefined)
      .finally(() => app.quit())
  })
}
