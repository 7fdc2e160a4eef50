// `npm start`: the studio in Electron where its binary is or can be had, otherwise the same studio in the browser.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const electronDir = join(root, 'node_modules', 'electron')
const downloadSeconds = 90

function electronBinary() {
  const pathFile = join(electronDir, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const path = join(electronDir, 'dist', readFileSync(pathFile, 'utf8').trim())
  return existsSync(path) ? path : undefined
}

/** Why Electron cannot be used here, or undefined once its binary is in place. */
function whyNoElectron() {
  if (process.argv.includes('--browser')) return 'asked to use the browser'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'no display here'
  if (electronBinary()) return undefined
  if (!existsSync(join(electronDir, 'install.js'))) return 'Electron is not installed'
  console.log('Fetching the Electron binary (once) …')
  const options = { stdio: 'ignore', timeout: downloadSeconds * 1000 }
  const { error } = spawnSync(process.execPath, [join(electronDir, 'install.js')], options)
  if (error?.code === 'ETIMEDOUT') return `its download took more than ${downloadSeconds} s`
  return electronBinary() ? undefined : 'its binary could not be downloaded here'
}

function start(command, args, env) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  // Ctrl-C reaches the whole group; the studio decides when it has finished, and this script ends with it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}

const args = process.argv.slice(2).filter((argument) => argument !== '--browser')
const reason = whyNoElectron()
if (reason) {
  console.log(`Electron: ${reason}; serving the same studio in the browser.`)
  start(process.execPath, [join(root, 'out', 'main', 'web.js'), ...args], {})
} else {
  // The worker must run on plain Node.js, not on Electron: this is the one that started us.
  start(electronBinary(), ['.', ...args], { GRAFT_NODE: process.execPath })
}
