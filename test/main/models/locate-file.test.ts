import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { locateFile } from '../../../main/models'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'graft-locate-'))
  await mkdir(join(root, 'hub/models--a/snapshots/1'), { recursive: true })
  await mkdir(join(root, 'downloads/node_modules'), { recursive: true })
  await writeFile(join(root, 'downloads/m.gguf'), '12345')
  await writeFile(join(root, 'downloads/node_modules/hidden.gguf'), '12345')
  await writeFile(join(root, 'hub/blob'), '123')
  await symlink(join(root, 'hub/blob'), join(root, 'hub/models--a/snapshots/1/linked.gguf'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const find = (name: string, bytes: number, folders = ['none', 'downloads', 'hub']) =>
  locateFile(
    { name, bytes },
    folders.map((folder) => join(root, folder)),
  )

it('finds a file by its name and size, also behind a link', async () => {
  expect(await find('m.gguf', 5)).toBe(join(root, 'downloads/m.gguf'))
  expect(await find('linked.gguf', 3)).toBe(join(root, 'hub/models--a/snapshots/1/linked.gguf'))
})

it('takes no other file of that name, and does not look where no model lies', async () => {
  expect(await find('m.gguf', 6)).toBeUndefined()
  expect(await find('hidden.gguf', 5)).toBeUndefined()
  expect(await find('downloads', 0)).toBeUndefined()
  expect(await find('m.gguf', 5, ['none'])).toBeUndefined()
})
