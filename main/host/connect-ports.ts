import type { IpcMain, IpcMainEvent } from 'electron'
import { RPCHandler } from '@orpc/server/message-port'
import type { Service } from '../service'
import { studioOrigin } from './studio-protocol'

export const portChannel = 'graft:port'

const fromStudio = (event: IpcMainEvent): boolean =>
  event.senderFrame !== null && event.senderFrame.parent === null && event.senderFrame.origin === studioOrigin

/**
 * Answers the API on every port that a studio page hands over (one at each load, so a reload gets a fresh one).
 * Ports from anywhere else are closed unheard.
 */
export function connectPorts(ipc: Pick<IpcMain, 'on'>, service: Service): void {
  const rpc = new RPCHandler(service)
  ipc.on(portChannel, (event) => {
    for (const [index, port] of event.ports.entries()) {
      if (index > 0 || !fromStudio(event)) {
        port.close()
        continue
      }
      rpc.upgrade(port, { context: {} })
      port.start()
    }
  })
}
