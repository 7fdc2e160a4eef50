import { spawnSync } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What is done to a good model folder to make it a bad one. */
export type Damage = (folder: string) => Promise<unknown>

const WEIGHTS = 'model.safetensors'

export const remove =
  (name: string): Damage =>
  (folder) =>
    rm(join(folder, name))

export const replace =
  (name: string, content: string): Damage =>
  (folder) =>
    writeFile(join(folder, name), content)

export const changeConfig =
  (changes: object): Damage =>
  async (folder) => {
    const path = join(folder, 'config.json')
    const config = JSON.parse(await readFile(path, 'utf8')) as object
    await writeFile(path, JSON.stringify({ ...config, ...changes }))
  }

const changeWeights =
  (change: (bytes: Buffer) => Uint8Array): Damage =>
  async (folder) => {
    const path = join(folder, WEIGHTS)
    await writeFile(path, change(await readFile(path)))
  }

export const cutWeights = (length: number): Damage => changeWeights((bytes) => bytes.subarray(0, length))

/** Says that the header is as long as a number can say. */
export const hugeHeader = changeWeights((bytes) => bytes.fill(0xff, 0, 8))

/** Two tensors that share four bytes. */
export const overlap = changeWeights(() => {
  const tensor = (begin: number): object => ({ dtype: 'F32', shape: [2], data_offsets: [begin, begin + 8] })
  const header = Buffer.from(JSON.stringify({ a: tensor(0), b: tensor(4) }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(12)])
})

/** The last values are no numbers. */
export const brokenValues = changeWeights((bytes) => bytes.fill(0xff, bytes.length - 4000))

export const missingShard: Damage = async (folder) => {
  await rm(join(folder, WEIGHTS))
  const weight_map = { 'model.norm.weight': 'model-00001-of-00002.safetensors' }
  await writeFile(join(folder, `${WEIGHTS}.index.json`), JSON.stringify({ weight_map }))
}

export async function damaged(model: string, folder: string, damage: Damage): Promise<string> {
  await cp(model, folder, { recursive: true })
  await damage(folder)
  return folder
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command in a process of its own. */
export function runCommand(cwd: string, [program = '', ...args]: readonly string[]): Ended {
  // Long enough for the slowest machine; a command that never ends is a failure, too.
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 45_000 })
  return { code: status, out: stdout, err: stderr }
}

/**
 * The same where no file may grow beyond so many units of 512 or 1024 bytes: like a full disk, only that it can be had
 * everywhere, and by everybody.
 */
export const onAFullDisk = (units: number, command: readonly string[]): string[] => [
  'sh',
  '-c',
  `ulimit -f ${units}; exec "$@"`,
  'sh',
  ...command,
]
