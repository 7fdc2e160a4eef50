import type { App, Session } from 'electron'
import { describe, expect, it } from 'vitest'
import { lockDown, openExternally } from '../../../main/host/lock-down'
import { FakeApp, FakeContents, FakeEvent, FakeSession, FakeShell } from './fakes'

function lockedContents() {
  const [app, session, shell, contents] = [new FakeApp(), new FakeSession(), new FakeShell(), new FakeContents()]
  lockDown(app as unknown as App, session as unknown as Session, shell)
  app.emit('web-contents-created', {}, contents)
  const navigate = (url: string): FakeEvent => {
    const event = new FakeEvent(url)
    contents.emit('will-navigate', event)
    return event
  }
  return { session, shell, contents, navigate }
}

describe('lockDown', () => {
  it('lets the studio reload itself', () => {
    const { shell, navigate } = lockedContents()
    expect(navigate('graft://studio/index.html').prevented).toBe(false)
    expect(shell.opened).toEqual([])
  })

  it.each(['http://example.org/', 'file:///etc/passwd', 'graft://studio.example.org/', 'javascript:alert(1)'])(
    'refuses to navigate to %s, and opens it nowhere',
    (url) => {
      const { shell, navigate } = lockedContents()
      expect(navigate(url).prevented).toBe(true)
      expect(shell.opened).toEqual([])
    },
  )

  it('opens a web link in the person’s browser instead', () => {
    const { shell, navigate } = lockedContents()
    expect(navigate('https://arxiv.org/abs/2106.09685').prevented).toBe(true)
    expect(shell.opened).toEqual(['https://arxiv.org/abs/2106.09685'])
  })

  it('opens no second window of its own', () => {
    const { shell, contents } = lockedContents()
    expect(contents.openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' })
    expect(contents.openHandler?.({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(shell.opened).toEqual(['https://example.org/'])
  })

  it('attaches no web view', () => {
    const event = new FakeEvent()
    lockedContents().contents.emit('will-attach-webview', event)
    expect(event.prevented).toBe(true)
  })

  it('grants writing to the clipboard and nothing else', () => {
    const { session } = lockedContents()
    const granted = ['media', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-sanitized-write'].filter(
      (permission) => {
        let asked = false
        session.request?.({}, permission, (allowed) => (asked = allowed))
        expect(session.check?.({}, permission)).toBe(asked)
        return asked
      },
    )
    expect(granted).toEqual(['clipboard-sanitized-write'])
  })
})

describe('openExternally', () => {
  it('ignores what is no address', () => {
    const shell = new FakeShell()
    openExternally(shell, 'not an address')
    expect(shell.opened).toEqual([])
  })
})
