import { symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'vite'

export const root = resolve(import.meta.dirname, '../..')

/** A program of test/bench as a file that Node.js runs, in a folder of its own. */
export async function bundle(name, outDir) {
  await symlink(join(root, 'node_modules'), join(outDir, 'node_modules'), 'junction')
  const output = { entryFileNames: '[name].mjs' }
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: `test/bench/${name}.ts`, outDir, emptyOutDir: false, target: 'node20', rollupOptions: { output } },
  })
  return join(outDir, `${name}.mjs`)
}
