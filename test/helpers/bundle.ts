import { mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '../..')

/** Bundles a TypeScript entry, named from this folder, so that plain Node.js can run it in a process of its own. */
export async function bundleEntry(name: string): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'graft-bundle-'))
  // Packages stay outside the bundle, as in the app: native modules cannot go into one.
  await symlink(join(root, 'node_modules'), join(outDir, 'node_modules'), 'junction')
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: resolve(import.meta.dirname, name),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'entry.mjs', chunkFileNames: '[name].mjs' } },
    },
  })
  return join(outDir, 'entry.mjs')
}
