import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** A fresh folder for each test of the file that calls this; the function returned joins a name to its path. */
export function useFolder(): (name?: string) => string {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'graft-files-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  return (name = '') => join(folder, name)
}
