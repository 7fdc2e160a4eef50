import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openWorkspace, resourcesFolder, workspaceLocation, workspacePaths } from '../../../main/settings'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-settings-'))
})

describe('the place of the workspace', () => {
  it.each([
    [{ flag: '/a', environment: '/b', home: '/h' }, '/a'],
    [{ environment: '/b', home: '/h' }, '/b'],
    [{ flag: '', environment: '', home: '/h' }, join('/h', 'Graft Studio')],
    [{ home: '/h' }, join('/h', 'Graft Studio')],
    [{ flag: 'here', home: '/h' }, 'here'],
  ])('of %j is %s', (choice, expected) => {
    expect(workspaceLocation(choice)).toBe(resolve(expected))
  })
})

describe('opening a workspace', () => {
  it('creates what is missing, keeps what is there, and leaves no trace of its probe', async () => {
    const root = join(folder, 'deep', 'workspace')
    const paths = await openWorkspace(root)
    expect(paths).toEqual(workspacePaths(root))
    expect((await readdir(root)).sort()).toEqual(['datasets', 'models', 'runs', 'tmp'])
    await writeFile(join(paths.runs, 'mine'), 'x')
    await openWorkspace(root)
    expect(await readdir(paths.runs)).toEqual(['mine'])
    expect(await readdir(paths.tmp)).toEqual([])
  })

  it('says which folder cannot be written, why, and what to do', async () => {
    const root = join(folder, 'file')
    await writeFile(root, 'in the way')
    const failure = openWorkspace(root)
    await expect(failure).rejects.toMatchObject({ code: 'workspace-unwritable', details: { root } })
    await expect(failure).rejects.toThrow(
      /file".*expected a folder that can be written, got a file of that name \(EEXIST\); choose another/,
    )
  })
})

describe('the resources', () => {
  it('lie beside the bundle’s out folder in a checkout', async () => {
    await mkdir(join(folder, 'resources'))
    expect(await resourcesFolder({ bundle: join(folder, 'out', 'main') })).toBe(join(folder, 'resources'))
  })

  it('are where the packaged app says', async () => {
    expect(await resourcesFolder({ packaged: folder, bundle: '/nowhere' })).toBe(folder)
  })

  it('are missed by name', async () => {
    await expect(resourcesFolder({ bundle: join(folder, 'out', 'main') })).rejects.toMatchObject({
      code: 'resources-missing',
      details: { folder: join(folder, 'resources') },
    })
  })
})
