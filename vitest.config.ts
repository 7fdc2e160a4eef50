import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const gpuTests = 'test/engine/backends/gpu-wgsl/**/*.test.ts'

export default defineConfig({
  plugins: [vue()],
  test: {
    // Limits for what hangs, not for what is slow: the machine may be busy.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'studio',
          include: ['test/**/*.test.ts'],
          exclude: [gpuTests, 'test/bench/**', 'test/interop/**', 'node_modules/**'],
        },
      },
      {
        // Where the graphics driver is looked for is decided by a process's environment when it starts: set up for these.
        extends: true,
        test: { name: 'gpu', include: [gpuTests], globalSetup: './test/helpers/software-gpu.ts' },
      },
    ],
  },
})
