import { EventEmitter } from 'node:events'

/**
 * The few objects of Electron that the host touches. Its binary is not at hand where the tests run; what they prove is
 * what the host asks of Electron, not what Electron makes of it.
 */
export class FakeApp extends EventEmitter {
  readonly calls: string[] = []
  constructor(private readonly isFirst = true) {
    super()
  }
  requestSingleInstanceLock(): boolean {
    return this.isFirst
  }
  quit(): void {
    this.calls.push('quit')
  }
  exit(code: number): void {
    this.calls.push(`exit ${code}`)
  }
}

export class FakeContents extends EventEmitter {
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
}

type Decide = (allowed: boolean) => void

export class FakeSession {
  request: ((contents: unknown, permission: string, decide: Decide) => void) | undefined
  check: ((contents: unknown, permission: string) => boolean) | undefined
  setPermissionRequestHandler(handler: FakeSession['request']): void {
    this.request = handler
  }
  setPermissionCheckHandler(handler: FakeSession['check']): void {
    this.check = handler
  }
}

export class FakeShell {
  readonly opened: string[] = []
  openExternal(url: string): Promise<void> {
    this.opened.push(url)
    return Promise.resolve()
  }
}

export class FakeEvent {
  prevented = false
  constructor(readonly url = '') {}
  preventDefault(): void {
    this.prevented = true
  }
}

export class FakeProtocol {
  readonly schemes: { scheme: string; privileges: Record<string, boolean> }[] = []
  handler: ((request: { url: string }) => Promise<Response>) | undefined
  registerSchemesAsPrivileged(schemes: FakeProtocol['schemes']): void {
    this.schemes.push(...schemes)
  }
  handle(_scheme: string, handler: FakeProtocol['handler']): void {
    this.handler = handler
  }
}
