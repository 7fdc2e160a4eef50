import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname
const entry = (path: string): string => resolve(root, path)

/** Three bundles: the Node side (one file per process that is started), the preload script, the renderer. */
export default defineConfig({
  main: {
    build: {
      target: 'node20',
      externalizeDeps: true,
      rollupOptions: {
        input: {
          index: entry('main/index.ts'),
          web: entry('main/web.ts'),
          cli: entry('main/cli.ts'),
          worker: entry('main/jobs/worker/index.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      rollupOptions: {
        input: { bridge: entry('preload/bridge.ts') },
        // A sandboxed preload script must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: entry('renderer'),
    build: { rollupOptions: { input: { index: entry('renderer/index.html') } } },
    plugins: [vue()],
  },
})
