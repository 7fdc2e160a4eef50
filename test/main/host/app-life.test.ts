import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App, BrowserWindow, Protocol } from 'electron'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { menuTemplate } from '../../../main/host/menu'
import { appPlaces, type AppState } from '../../../main/host/places'
import { quitGracefully } from '../../../main/host/quit-gracefully'
import { refuseToStart } from '../../../main/host/refuse-to-start'
import { holdSingleInstance } from '../../../main/host/single-instance'
import { registerStudioScheme, serveStudio } from '../../../main/host/studio-protocol'
import { bringToFront, windowOptions } from '../../../main/host/studio-window'
import { contentSecurityPolicy } from '../../../main/web/content-security-policy'
import { FakeApp, FakeEvent, FakeProtocol } from './fakes'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'graft-host-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const asApp = (app: FakeApp): App => app as unknown as App

describe('one instance', () => {
  it('the first one shows itself when a second one comes', () => {
    const app = new FakeApp()
    let shown = 0
    expect(holdSingleInstance(asApp(app), () => (shown += 1))).toBe(true)
    app.emit('second-instance')
    expect([shown, app.calls]).toEqual([1, []])
  })

  it('the second one leaves', () => {
    const app = new FakeApp(false)
    expect(holdSingleInstance(asApp(app), () => undefined)).toBe(false)
    expect(app.calls).toEqual(['quit'])
  })
})

describe('quitting', () => {
  it('waits for the jobs once, then lets go', async () => {
    const app = new FakeApp()
    let finish: () => void = () => undefined
    quitGracefully(asApp(app), () => new Promise((done) => (finish = done)))
    const [first, second] = [new FakeEvent(), new FakeEvent()]
    app.emit('before-quit', first)
    expect([first.prevented, app.calls]).toEqual([true, []])
    finish()
    await new Promise(setImmediate)
    app.emit('before-quit', second)
    expect([second.prevented, app.calls]).toEqual([false, ['quit']])
  })

  it('quits even where the jobs could not be closed', async () => {
    const app = new FakeApp()
    quitGracefully(asApp(app), () => Promise.reject(new Error('worker gone')))
    app.emit('before-quit', new FakeEvent())
    await new Promise(setImmediate)
    expect(app.calls).toEqual(['quit'])
  })

  it('a start that fails says why in one window', () => {
    const app = new FakeApp()
    const said: string[] = []
    refuseToStart(app, { showErrorBox: (...words) => said.push(...words) }, new Error('a\n   at stack'))
    expect(app.calls).toEqual(['exit 1'])
    expect(said.join()).not.toContain('at stack')
  })
})

describe('the window', () => {
  it('is sandboxed and has no Node.js', () => {
    expect(windowOptions('/p.cjs').webPreferences).toMatchObject({
      preload: '/p.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
  })

  it('comes to the front, restored where it was minimised', () => {
    const calls: string[] = []
    const window = {
      isMinimized: () => true,
      restore: () => calls.push('restore'),
      focus: () => calls.push('focus'),
    }
    bringToFront(window as unknown as BrowserWindow)
    expect(calls).toEqual(['restore', 'focus'])
  })

  it('has an application menu of its own on macOS only', () => {
    const roles = (platform: NodeJS.Platform) =>
      menuTemplate(platform, { showWorkspace: () => undefined }).map((item) => item.role)
    expect(roles('darwin')).toEqual(['appMenu', 'fileMenu', 'editMenu', 'viewMenu', 'windowMenu'])
    expect(roles('linux')).toEqual(['fileMenu', 'editMenu', 'viewMenu', 'windowMenu'])
  })
})

describe('the page', () => {
  const serve = async (url: string): Promise<Response> => {
    const protocol = new FakeProtocol()
    serveStudio(protocol as unknown as Protocol, folder)
    return protocol.handler?.({ url }) ?? Promise.reject(new Error('no handler'))
  }

  it('has an origin of its own', () => {
    const protocol = new FakeProtocol()
    registerStudioScheme(protocol as unknown as Protocol)
    expect(protocol.schemes[0]).toMatchObject({ scheme: 'graft', privileges: { standard: true, secure: true } })
  })

  it('comes with its policy', async () => {
    await writeFile(join(folder, 'index.html'), '<p>studio</p>')
    const response = await serve('graft://studio/index.html')
    expect(await response.text()).toBe('<p>studio</p>')
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  })

  it.each(['graft://studio/none.html', 'graft://elsewhere/index.html', 'graft://studio/%2e%2e/%2e%2e/etc/passwd'])(
    'is not found at %s',
    async (url) => {
      await writeFile(join(folder, 'index.html'), '<p>studio</p>')
      expect((await serve(url)).status).toBe(404)
    },
  )
})

describe('appPlaces', () => {
  const state: AppState = { packaged: false, resourcesPath: '/R', bundle: '/app/out/main', env: {}, platform: 'linux' }

  it('runs the worker on the Node.js that is shipped with the packaged app, outside the asar', () => {
    expect(appPlaces({ ...state, packaged: true, bundle: '/R/app.asar/out/main' })).toEqual({
      packagedResources: join('/R', 'resources'),
      workerEntry: join('/R/app.asar.unpacked/out/main', 'worker.js'),
      nodePath: join('/R', 'node', 'node'),
    })
    expect(appPlaces({ ...state, packaged: true, platform: 'win32' }).nodePath).toBe(join('/R', 'node', 'node.exe'))
  })

  it('takes in development the first Node.js there is', async () => {
    const node = join(folder, 'node')
    await writeFile(node, '')
    expect(appPlaces({ ...state, env: { GRAFT_NODE: process.execPath, PATH: folder } }).nodePath).toBe(process.execPath)
    expect(appPlaces({ ...state, env: { GRAFT_NODE: '/no/such/node', PATH: folder } }).nodePath).toBe(node)
    expect(appPlaces({ ...state, env: {} }).nodePath).toBeUndefined()
  })
})
