import type { MenuItemConstructorOptions } from 'electron'

export interface MenuActions {
  readonly showWorkspace: () => void
}

/** The application menu: the system's own roles (which it translates where it can), and the workspace folder. */
export function menuTemplate(platform: NodeJS.Platform, actions: MenuActions): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin'
  const file: MenuItemConstructorOptions = {
    role: 'fileMenu',
    submenu: [
      { label: 'Show workspace folder', click: actions.showWorkspace },
      { type: 'separator' },
      { role: mac ? 'close' : 'quit' },
    ],
  }
  const view: MenuItemConstructorOptions = {
    role: 'viewMenu',
    submenu: [
      { role: 'reload' },
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      { role: 'toggleDevTools' },
    ],
  }
  return [...(mac ? [{ role: 'appMenu' } as const] : []), file, { role: 'editMenu' }, view, { role: 'windowMenu' }]
}
