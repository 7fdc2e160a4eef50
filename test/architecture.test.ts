import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findImportCycles } from './helpers/architecture/check-cycles'
import { findForbiddenImports, type Row } from './helpers/architecture/check-imports'
import { findOversized, type SizeLimits } from './helpers/architecture/check-sizes'
import { readImports } from './helpers/architecture/read-imports'
import { readSourceTree, type SourceTree } from './helpers/architecture/source-tree'

const contract = ['preload/contract']
const engine = (...names: string[]): string[] => names.map((name) => `main/engine/${name}`)
const ground = engine('errors.ts', 'rng.ts', 'tensor')
const graph = engine('graph')
const text = engine('text')
const parts = engine('autodiff', 'nn', 'optim', 'checkpoint')
const models = engine('models', 'methods')
const plan = engine('plan')
const backends = engine('backends/*')
const work = engine('train', 'generate', 'evaluate', 'export')
const files = ['main/files']
const stores = ['main/settings', 'main/models', 'main/datasets', 'main/runs', 'main/advisor']
/** The part of main/datasets that knows file formats, and alone loads their libraries. */
const readers = ['main/datasets/readers']
const formats = ['chardet', 'hyparquet', 'hyparquet-compressors', 'iconv-lite', 'read-excel-file']
const page = ['vue', 'vue-router', 'vue-i18n', 'pinia', 'naive-ui', 'chart.js', 'chartjs-plugin-zoom']

/** Who may import what; ARCHITECTURE.md explains it. A row may import rows above it, and nothing that is not listed. */
const table: readonly Row[] = [
  { row: '0', modules: contract, imports: [], packages: ['zod', '@orpc/contract'] },
  { row: '1', modules: ground, imports: ground, packages: [] },
  { row: '2', modules: graph, imports: ground, packages: [] },
  { row: '3', modules: parts, imports: [...ground, ...graph], packages: [] },
  { row: '3', modules: text, imports: ground, packages: ['@huggingface/jinja', '@huggingface/tokenizers'] },
  { row: '4', modules: [...models, ...plan], imports: [...ground, ...graph, ...parts, ...text], packages: [] },
  {
    row: '5',
    modules: backends,
    imports: [...ground, ...graph, ...parts, ...text, ...plan],
    packages: ['onnxruntime-node', 'webgpu'],
  },
  { row: '5', modules: work, imports: [...ground, ...graph, ...parts, ...text, ...models, ...plan], packages: [] },
  { row: '5.5', modules: files, imports: [...contract, ...ground], packages: ['node:*', 'zod'] },
  { row: '6', modules: readers, imports: [...contract, ...files, ...ground], packages: ['node:*', ...formats] },
  {
    row: '6',
    modules: stores,
    imports: [...contract, ...files, ...ground, ...graph, ...parts, ...text, ...models, ...plan, ...readers, ...stores],
    packages: ['node:*', 'zod'],
  },
  { row: '7', modules: ['main/jobs'], imports: [...contract, ...files, ...stores], packages: ['node:*', 'zod'] },
  {
    // The worker speaks the supervisor's protocol and must not load the supervisor, which is what index.ts exports.
    row: '7',
    modules: ['main/jobs/worker'],
    insides: ['main/jobs'],
    imports: [
      ...['main/jobs', ...contract, ...files, ...stores],
      ...[...ground, ...graph, ...parts, ...text, ...models, ...plan, ...backends, ...work],
    ],
    packages: ['node:*', 'zod'],
  },
  {
    row: '8',
    modules: ['main/service'],
    imports: [...contract, ...files, ...stores, 'main/jobs'],
    packages: ['node:*', 'zod', '@orpc/contract', '@orpc/server'],
  },
  {
    row: '9',
    modules: ['main/cli'],
    imports: [...contract, ...files, ...stores, 'main/jobs', 'main/service'],
    packages: ['node:*', 'zod', 'commander'],
  },
  {
    row: '9',
    modules: ['main/web'],
    imports: [...contract, ...files, ...stores, 'main/jobs', 'main/service'],
    packages: ['node:*', '@orpc/server'],
  },
  {
    row: '9',
    modules: ['main/host', 'main/index.ts'],
    imports: ['main/host', 'main/web', ...contract, ...files, ...stores, 'main/jobs', 'main/service'],
    packages: ['node:*', '@orpc/server', 'electron'],
  },
  {
    row: '9',
    modules: ['main/web.ts', 'main/cli.ts'],
    imports: ['main/web', 'main/cli', ...contract, ...files, 'main/service'],
    packages: ['node:*', 'commander'],
  },
  { row: '10', modules: ['preload/bridge.ts'], imports: contract, packages: ['electron'] },
  { row: '10', modules: ['renderer'], imports: contract, packages: [...page, '@orpc/client', '@orpc/contract'] },
]

const limits: SizeLimits = { filesPerFolder: 12, linesPerFile: 400, ruleTables: [], linesPerRuleTable: 600 }

const root = fileURLToPath(new URL('..', import.meta.url))
const product = readSourceTree(root, ['main', 'preload', 'renderer'])
const everything = readSourceTree(root, ['main', 'preload', 'renderer', 'test', 'scripts'], ['test/goldens'])

/** A tree of a few lines, to see the checker at work. */
const treeOf = (sources: Record<string, string>): SourceTree => new Map(Object.entries(sources))

describe('the code', () => {
  it('imports only what the table allows', () => {
    expect(findForbiddenImports(table, product)).toEqual([])
  })
  it('has no import cycles', () => {
    expect(findImportCycles(product)).toEqual([])
  })
  it('keeps files and folders small', () => {
    expect(findOversized(limits, everything)).toEqual([])
  })
})

describe('reading imports', () => {
  it.each([
    ['import', "import { a } from 'x'"],
    ['import for its effect', "import 'x'"],
    ['import type', "import type { A } from 'x'"],
    ['export from', "export * from 'x'"],
    ['export type from', "export type { A } from 'x'"],
    ['dynamic import', "const a = await import('x')"],
    ['dynamic import in a template', 'const a = `${(await import(`x`)).name}`'],
    ['type of an import', "type A = import('x').A"],
    ['import equals', "import a = require('x')"],
    ['require', "const a = require('x')"],
    ['after a regular expression with a quote', "const r = /['`\"]/\nimport { a } from 'x'"],
  ])('finds %s', (_, text) => {
    expect(readImports('main/a.ts', text)).toEqual(['x'])
  })
  it('reads the scripts of a component and not its template', () => {
    const text = `<script lang="ts">import 'a'</script>
      <script setup lang="ts">import B from './B.vue'</script>
      <template><p>import 'not this'</p></template>`
    expect(readImports('renderer/A.vue', text)).toEqual(['a', './B.vue'])
  })
  it('does not take words in comments and texts for imports', () => {
    expect(readImports('main/a.ts', `// import 'x'\nconst a = "import 'y'"`)).toEqual([])
  })
})

describe('the import table', () => {
  const index = { 'main/engine/plan/index.ts': '', 'main/engine/plan/plan.ts': '', 'main/jobs/index.ts': '' }
  const forbidden = (path: string, text: string): string[] =>
    findForbiddenImports(table, treeOf({ ...index, [path]: text }))

  it('names both files and both rows', () => {
    expect(forbidden('main/service/a.ts', "import type { Plan } from '../engine/plan'")[0]).toContain(
      'main/service/a.ts imports main/engine/plan/index.ts: row 8 (main/service) may not import row 4 (main/engine/plan)',
    )
  })
  it.each([
    ['the engine takes Node', 'main/engine/train/a.ts', "import { readFile } from 'node:fs/promises'"],
    ['the engine takes Node by its old name', 'main/engine/text/a.ts', "import fs from 'fs'"],
    [
      'the engine takes the contract',
      'main/engine/nn/a.ts',
      "import type { RunSpec } from '../../../preload/contract'",
    ],
    ['a part takes another part', 'main/engine/nn/a.ts', "import { differentiate } from '../autodiff'"],
    ['a model takes a method', 'main/engine/models/a.ts', "import { lora } from '../methods'"],
    ['a back end takes another', 'main/engine/backends/gpu-wgsl/a.ts', "import { x } from '../reference'"],
    ['a back end takes a method', 'main/engine/backends/cpu-onnx/a.ts', "import { lora } from '../../methods'"],
    ['training takes a back end', 'main/engine/train/a.ts', "import { cpuOnnx } from '../backends/cpu-onnx'"],
    ['training takes evaluation', 'main/engine/train/a.ts', "import { score } from '../evaluate'"],
    ['a store takes a back end', 'main/runs/a.ts', "const b = await import('../engine/backends/cpu-onnx')"],
    ['the supervisor takes the engine', 'main/jobs/a.ts', "import { train } from '../engine/train'"],
    ['the supervisor takes the worker', 'main/jobs/a.ts', "import { serve } from './worker/serve-job'"],
    ['an entry takes the engine', 'main/cli/a.ts', "export { deriveSeed } from '../engine/rng'"],
    ['the worker takes onnxruntime', 'main/jobs/worker/a.ts', "import ort from 'onnxruntime-node'"],
    ['the models take webgpu', 'main/models/a.ts', "import { create } from 'webgpu'"],
    ['the service takes electron', 'main/service/a.ts', "import { shell } from 'electron'"],
    ['the page takes electron', 'renderer/a.ts', "import { ipcRenderer } from 'electron'"],
    ['the page takes Node', 'renderer/lib/a.ts', "import { join } from 'node:path'"],
    ['the page takes the service', 'renderer/a.ts', "import { openStudio } from '../main/service'"],
    ['the page takes an unknown package', 'renderer/a.ts', "import _ from 'lodash'"],
    ['the bridge takes the main side', 'preload/bridge.ts', "import { a } from '../main/files'"],
    ['one goes around an index', 'main/engine/train/a.ts', "import type { Plan } from '../plan/plan'"],
    ['one leaves the source', 'main/files/a.ts', "import a from '../../scripts/start.mjs'"],
    ['a folder has no row', 'main/plugins/a.ts', ''],
  ])('sees that %s', (_, path, text) => {
    expect(forbidden(path, text)).toHaveLength(1)
  })
  it.each([
    [
      'the worker',
      'main/jobs/worker/a.ts',
      "import { laneOf } from '../protocol'\nimport { train } from '../../engine/train'",
    ],
    [
      'a back end',
      'main/engine/backends/gpu-wgsl/a.ts',
      "import gpu from 'webgpu'\nimport type { Plan } from '../../plan'",
    ],
    [
      'the page',
      'renderer/a.ts',
      "import { ref } from 'vue'\nimport type { RunSpec } from '../preload/contract'\nimport './a.css'",
    ],
    ['the entry', 'main/index.ts', "import { app } from 'electron'\nimport { lockDown } from './host/lock-down'"],
  ])('lets %s take what it may', (_, path, text) => {
    expect(forbidden(path, text)).toEqual([])
  })
})

describe('cycles', () => {
  it('sees files that import each other, types included', () => {
    const tree = treeOf({
      'a/x.ts': "import { y } from './y'",
      'a/y.ts': "import { z } from './z'",
      'a/z.ts': "import type { X } from './x'",
    })
    expect(findImportCycles(tree)).toEqual([
      'files import each other in a circle: a/x.ts -> a/y.ts -> a/z.ts -> a/x.ts',
    ])
  })
  it('sees folders that import each other through different files', () => {
    const tree = treeOf({
      'a/x.ts': "import { y } from '../b/y'",
      'a/z.ts': '',
      'b/y.ts': '',
      'b/w.ts': "import { z } from '../a/z'",
    })
    expect(findImportCycles(tree)).toEqual(['folders import each other in a circle: a -> b -> a'])
  })
  it('lets a folder and its sub-folders share', () => {
    const tree = treeOf({
      'a/index.ts': "export * from './b/y'",
      'a/b/y.ts': "import { z } from '../shared'",
      'a/shared.ts': '',
    })
    expect(findImportCycles(tree)).toEqual([])
  })
})

describe('sizes', () => {
  const lines = (count: number): string => 'x\n'.repeat(count)

  it('sees a crowded folder', () => {
    const names = Array.from({ length: 13 }, (_, i) => [`a/f${i}.ts`, ''])
    expect(findOversized(limits, treeOf(Object.fromEntries(names)))).toEqual([
      'a: expected at most 12 code files, got 13; group some in a sub-folder',
    ])
  })
  it('sees a long file, and lets a rule table be longer', () => {
    const tree = treeOf({ 'a/full.ts': lines(400), 'a/long.ts': lines(401), 'a/rules.ts': lines(600) })
    expect(findOversized({ ...limits, ruleTables: ['a/rules.ts'] }, tree)).toEqual([
      'a/long.ts: expected at most 400 lines, got 401; split it by what it does',
    ])
  })
})
