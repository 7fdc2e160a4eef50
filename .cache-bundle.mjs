import { build } from 'vite'
await build({ configFile:false, root: process.cwd(), logLevel:'error', build:{ ssr:'test/bench/graft-peer.ts', outDir:'.cache/bench', target:'node20', rollupOptions:{output:{entryFileNames:'[name].mjs'}}}})
