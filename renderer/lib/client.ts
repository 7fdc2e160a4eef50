import { createORPCClient } from '@orpc/client'
import { RPCLink as HttpLink } from '@orpc/client/fetch'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../preload/contract'
import { takeToken } from './token'

export type StudioClient = ContractRouterClient<Contract>

let connection: Promise<StudioClient> | undefined

function connectOverHttp(): StudioClient {
  const place = {
    hash: window.location.hash,
    replaceHash: (hash: string) => window.history.replaceState(null, '', hash),
  }
  const token = takeToken(place, window.sessionStorage)
  return createORPCClient(
    new HttpLink({ url: `${window.location.origin}/rpc`, headers: token ? { 'x-graft-token': token } : {} }),
  )
}

function connectOverPort(): Promise<StudioClient> {
  return new Promise((done) => {
    const listen = (event: MessageEvent): void => {
      const port = event.ports[0]
      if (event.data !== 'graft:port' || event.source !== window || !port) return
      window.removeEventListener('message', listen)
      done(createORPCClient(new PortLink({ port })))
      port.start()
    }
    window.addEventListener('message', listen)
  })
}

/** Opens the one connection to the service: over HTTP where a web host serves the page, else over the app's port. */
export function connect(): void {
  connection ??= window.location.protocol.startsWith('http') ? Promise.resolve(connectOverHttp()) : connectOverPort()
}

/** Puts another client in the place of the real one. */
export function useConnection(client: StudioClient): void {
  connection = Promise.resolve(client)
}

/** The typed client; waits for the port where that has not come yet. */
export function api(): Promise<StudioClient> {
  if (!connection) throw new Error('client: expected connect() to have been called')
  return connection
}
