import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Contract } from '../../../preload/contract'
import { smallInstall, type Running, type SmallInstall } from '../cli/small-install'

let studio: SmallInstall
beforeAll(async () => {
  studio = await smallInstall('web')
  await mkdir(join(studio.root, 'out', 'renderer'))
  await writeFile(join(studio.root, 'out', 'renderer', 'index.html'), '<p>studio</p>')
})
afterAll(() => studio.remove())

/** The address that it prints. */
async function addressOf(running: Running): Promise<URL> {
  let printed = ''
  running.child.stdout?.on('data', (text: string) => (printed += text))
  expect(await running.until('Ctrl-C')).toBe(true)
  return new URL(/http:\S+/.exec(printed)?.[0] ?? '')
}

const clientAt = ({ origin, hash }: URL): ContractRouterClient<Contract> =>
  createORPCClient(new RPCLink({ url: `${origin}/rpc`, headers: { 'x-graft-token': hash.replace('#token=', '') } }))

describe('the studio in the browser', () => {
  it('prints an address that works, and saves a running job when it is interrupted', async () => {
    const running = studio.start(['--no-open'])
    const address = await addressOf(running)
    expect(await (await fetch(address)).text()).toBe('<p>studio</p>')
    const client = clientAt(address)
    const { id } = await client.runs.create({
      model: { kind: 'starter' },
      dataset: { id: 'none' },
      method: { id: 'lora' },
      training: { steps: 100_000 },
    })
    for await (const event of await client.runs.events({ id, after: 0 })) if (event.type === 'step') break
    running.child.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 0, err: '' })

    const again = studio.start(['--no-open'])
    const view = await clientAt(await addressOf(again)).runs.get({ id })
    expect(view.state).toBe('interrupted')
    expect(view.checkpoints.at(-1)?.step).toBe(view.step)
    again.child.kill('SIGTERM')
    expect((await again.ended).code).toBe(0)
  })

  it.each([
    ['--port', 'http', 2],
    ['--workspace', 'package.json', 1],
  ])('refuses %s %s in one line', async (option, value, code) => {
    const ended = await studio.run(['--no-open', option, value])
    expect(ended.code).toBe(code)
    expect(ended.err.trim().split('\n')).toHaveLength(1)
  })
})
