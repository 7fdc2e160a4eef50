import { defineConfig } from 'vitest/config'

/** Not part of `npm test`: what these files write is for programs that need Python. */
export default defineConfig({
  test: { include: ['test/interop/*.interop.ts'], testTimeout: 300_000, pool: 'forks', maxWorkers: 1 },
})
