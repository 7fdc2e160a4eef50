import { ipcRenderer } from 'electron'

/** The Node side is compiled without the DOM's types; this is all of it that a preload script here may touch. */
declare const window: {
  addEventListener(type: 'load', listener: () => void, options: { once: true }): void
  postMessage(message: string, targetOrigin: string, transfer: readonly object[]): void
  readonly location: { readonly origin: string }
}

const name = 'graft:port'

/**
 * Gives the page one message port to the app and nothing else: no function, no object of Electron's. It waits for the
 * page's own scripts, which listen for it as their first act.
 */
window.addEventListener(
  'load',
  () => {
    const { port1, port2 } = new MessageChannel()
    ipcRenderer.postMessage(name, null, [port1])
    window.postMessage(name, window.location.origin, [port2])
  },
  { once: true },
)
