import { resolve } from 'node:path'
import { defineConfig } from 'vite'

/** Everything but the addon in one file, for a machine that has Node.js and nothing else. */
export default defineConfig({
  root: resolve(import.meta.dirname, '../..'),
  resolve: { alias: { webgpu: resolve(import.meta.dirname, 'dawn.ts') } },
  ssr: { noExternal: true },
  build: {
    ssr: resolve(import.meta.dirname, 'report.ts'),
    target: 'node20',
    emptyOutDir: false,
    rollupOptions: { output: { entryFileNames: 'report.mjs', codeSplitting: false } },
  },
})
