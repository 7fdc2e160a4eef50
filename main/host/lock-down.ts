import type { App, Session, Shell } from 'electron'
import { studioOrigin } from './studio-protocol'

/** Only plain web addresses leave the app, and they open in the person's own browser. */
export function openExternally(shell: Pick<Shell, 'openExternal'>, url: string): void {
  if (URL.canParse(url) && new URL(url).protocol === 'https:') void shell.openExternal(url)
}

const isStudio = (url: string): boolean => url === studioOrigin || url.startsWith(`${studioOrigin}/`)

/** Denies every page of the app what the studio never needs: other pages, new windows, web views, permissions. */
export function lockDown(app: App, session: Session, shell: Pick<Shell, 'openExternal'>): void {
  session.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(permission === 'clipboard-sanitized-write'),
  )
  session.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write')
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (isStudio(event.url)) return
      event.preventDefault()
      openExternally(shell, event.url)
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      openExternally(shell, url)
      return { action: 'deny' }
    })
  })
}
