import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron'
import { studioOrigin } from './studio-protocol'

/** What a studio window is: sandboxed, with no Node.js and one small preload script. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    width: 1240,
    height: 820,
    minWidth: 760,
    minHeight: 540,
    // Shown once it has something to show: no white flash.
    show: false,
    title: 'Graft Studio',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  }
}

/** Opens the studio's page in a new window. */
export function openWindow(Window: new (options: BrowserWindowConstructorOptions) => BrowserWindow, preload: string) {
  const window = new Window(windowOptions(preload))
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${studioOrigin}/index.html`)
  return window
}

/** Brings a window to the front, wherever it is. */
export function bringToFront(window: BrowserWindow | undefined): void {
  if (window?.isMinimized()) window.restore()
  window?.focus()
}
