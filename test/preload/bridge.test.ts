import { EventEmitter } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'

const ipcRenderer = { postMessage: vi.fn() }
vi.mock('electron', () => ({ ipcRenderer }))

afterEach(() => vi.unstubAllGlobals())

describe('the preload script', () => {
  it('hands the page one port once it has loaded, and gives the other end to the app', async () => {
    const events = new EventEmitter()
    const window = {
      addEventListener: (name: string, listener: () => void) => events.once(name, listener),
      postMessage: vi.fn(),
      location: { origin: 'graft://studio' },
    }
    vi.stubGlobal('window', window)
    const keys = Object.keys(globalThis)
    await import('../../preload/bridge')
    expect(window.postMessage).not.toHaveBeenCalled()
    events.emit('load')

    const [channel, message, ports] = ipcRenderer.postMessage.mock.lastCall as [string, unknown, MessagePort[]]
    const [name, origin, pagePorts] = window.postMessage.mock.lastCall as [string, string, MessagePort[]]
    expect([channel, message, ports.length]).toEqual(['graft:port', null, 1])
    expect([name, origin, pagePorts.length]).toEqual(['graft:port', 'graft://studio', 1])
    const heard = new Promise((done) => pagePorts[0]?.once('message', done))
    ports[0]?.postMessage('ahoy')
    expect(await heard).toBe('ahoy')
    ports[0]?.close()
    // Nothing else reaches the page.
    expect(Object.keys(globalThis)).toEqual(keys)
    expect(Object.keys(window)).toEqual(['addEventListener', 'postMessage', 'location'])
  })
})
