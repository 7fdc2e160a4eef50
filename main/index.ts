import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session, shell } from 'electron'
import { connectPorts } from './host/connect-ports'
import { lockDown } from './host/lock-down'
import { menuTemplate } from './host/menu'
import { appPlaces } from './host/places'
import { quitGracefully } from './host/quit-gracefully'
import { refuseToStart } from './host/refuse-to-start'
import { holdSingleInstance } from './host/single-instance'
import { registerStudioScheme, serveStudio } from './host/studio-protocol'
import { bringToFront, openWindow } from './host/studio-window'
import { openStudio } from './service'

const bundle = import.meta.dirname
const { env, platform, resourcesPath } = process
const preload = join(bundle, '../preload/bridge.cjs')

const showWindow = (): void => {
  const window = BrowserWindow.getAllWindows()[0]
  if (window) bringToFront(window)
  else openWindow(BrowserWindow, preload)
}

async function start(): Promise<void> {
  const places = appPlaces({ packaged: app.isPackaged, resourcesPath, bundle, env, platform })
  const studio = await openStudio({ bundle, ...places })
  serveStudio(protocol, join(bundle, '../renderer'))
  lockDown(app, session.defaultSession, shell)
  connectPorts(ipcMain, studio.service)
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate(platform, { showWorkspace: () => void shell.openPath(studio.paths.root) })),
  )
  quitGracefully(app, () => studio.close())
  app.on('window-all-closed', () => platform !== 'darwin' && app.quit())
  app.on('activate', showWindow)
  showWindow()
}

if (holdSingleInstance(app, showWindow)) {
  registerStudioScheme(protocol)
  // Not awaited: Electron is not ready before this file has been evaluated to its end.
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => refuseToStart(app, dialog, error))
}
