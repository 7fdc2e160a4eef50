import { GraftError } from '../errors'
import type { ByteSource, FileSource } from '../tensor'
import { presentFourBit } from './bitsandbytes/four-bit-weights'
import { isJsonObject, parseStrictJson, quote } from './strict-json'
import { openSafetensors, type TensorFile } from './tensor-file'

/** A model's weights, in one file or many. */
export interface Checkpoint extends TensorFile {
  /** The weight files, in order. */
  readonly files: readonly string[]
  /** Bytes of all weight files. */
  readonly bytes: number
}

const SINGLE_FILE = 'model.safetensors'
const INDEX_FILE = 'model.safetensors.index.json'
const PICKLE_FILES = ['pytorch_model.bin', 'pytorch_model.bin.index.json']
const MAX_INDEX_BYTES = 100_000_000
const MAX_INDEX_DEPTH = 16

function indexError(expected: string, got: string): GraftError {
  return new GraftError(
    'checkpoint-header',
    `${INDEX_FILE}: expected ${expected}, got ${got}; the index is damaged, get it again`,
    { file: INDEX_FILE },
  )
}

/** A shard must lie in the model's own folder: an index from elsewhere may not name any other file of this machine. */
function checkShardName(shard: unknown): string {
  if (typeof shard === 'string' && /^[^/\\:\0]+$/.test(shard) && !shard.includes('..') && shard !== '.') return shard
  throw indexError('plain file names in weight_map', quote(shard))
}

async function readIndex(source: ByteSource): Promise<ReadonlyMap<string, string>> {
  if (source.size > MAX_INDEX_BYTES) throw indexError(`at most ${MAX_INDEX_BYTES} bytes`, `${source.size}`)
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  const map = weightMap(bytes)
  if (!isJsonObject(map)) throw indexError('an object "weight_map"', quote(map))
  return new Map(Object.entries(map).map(([tensor, shard]) => [tensor, checkShardName(shard)]))
}

function weightMap(bytes: Uint8Array): unknown {
  try {
    const json = parseStrictJson(new TextDecoder().decode(bytes), MAX_INDEX_DEPTH)
    return isJsonObject(json) ? json['weight_map'] : json
  } catch (error) {
    throw indexError('JSON', error instanceof Error ? error.message : String(error))
  }
}

async function openShard(files: FileSource, shard: string): Promise<{ file: TensorFile; bytes: number }> {
  const source = await files.open(shard)
  if (source) return { file: await openSafetensors(source), bytes: source.size }
  throw new GraftError(
    'checkpoint-missing',
    `model folder: expected the weight file ${quote(shard)} that the index names, got none; download it too`,
    { file: shard },
  )
}

async function openSharded(files: FileSource, index: ReadonlyMap<string, string>): Promise<Checkpoint> {
  const shardNames = [...new Set(index.values())].sort()
  const shards = new Map<string, { file: TensorFile; bytes: number }>()
  for (const shard of shardNames) shards.set(shard, await openShard(files, shard))
  const owners = new Map<string, TensorFile>()
  for (const [tensor, shard] of index) owners.set(tensor, ownerOf(tensor, shard, shards.get(shard)?.file))
  const all = [...shards.values()]
  return {
    ...joinFiles(owners),
    // The order of the data, shard by shard; what a shard holds beside the index's word is not offered.
    names: all.flatMap(({ file }) => file.names.filter((name) => owners.get(name) === file)),
    metadata: all[0]?.file.metadata ?? {},
    files: shardNames,
    bytes: all.reduce((sum, shard) => sum + shard.bytes, 0),
  }
}

function ownerOf(tensor: string, shard: string, file: TensorFile | undefined): TensorFile {
  if (file?.has(tensor)) return file
  throw new GraftError(
    'checkpoint-mismatch',
    `${shard}: expected the tensor ${quote(tensor)} as the index says, got none; index and files are of different models`,
    { file: shard, tensor },
  )
}

function joinFiles(owners: ReadonlyMap<string, TensorFile>): Omit<TensorFile, 'names' | 'metadata'> {
  const owner = (name: string): TensorFile => {
    const file = owners.get(name)
    if (file) return file
    throw new GraftError(
      'checkpoint-mismatch',
      `${INDEX_FILE}: expected a tensor ${quote(name)}, got none of that name; this checkpoint belongs to another model`,
      { file: INDEX_FILE, tensor: name },
    )
  }
  return {
    has: (name) => owners.has(name),
    info: (name) => owner(name).info(name),
    readFloat32: async (name, target) => owner(name).readFloat32(name, target),
    readRows: async (name, first, count, target) => owner(name).readRows(name, first, count, target),
    readBytes: async (name) => owner(name).readBytes(name),
  }
}

async function missingError(files: FileSource): Promise<GraftError> {
  const present = await Promise.all(PICKLE_FILES.map(async (name) => ((await files.open(name)) ? name : undefined)))
  const pickle = present.find((name) => name !== undefined)
  const got = pickle ? `only ${pickle}, which can run code when it is loaded` : 'neither'
  const advice = pickle ? 'get the model in safetensors form' : 'choose the folder that holds the weights'
  const message = `model folder: expected ${SINGLE_FILE} or ${INDEX_FILE}, got ${got}; ${advice}`
  return new GraftError('checkpoint-missing', message, { file: SINGLE_FILE })
}

async function openFiles(files: FileSource): Promise<Checkpoint> {
  const single = await files.open(SINGLE_FILE)
  if (single) return { ...(await openSafetensors(single)), files: [SINGLE_FILE], bytes: single.size }
  const index = await files.open(INDEX_FILE)
  if (index) return openSharded(files, await readIndex(index))
  throw await missingError(files)
}

/**
 * Opens a model folder's weights: `model.safetensors`, or the shards that `model.safetensors.index.json` names. All
 * headers are read and checked, no weight is. Those that bitsandbytes stored in 4 bits are float tensors like others.
 * Throws `checkpoint-missing` for an absent file, `checkpoint-header` for a broken one, `checkpoint-mismatch` where the
 * index names a tensor that its shard lacks, `unsupported` for 4 bits of another kind.
 */
export async function openCheckpoint(files: FileSource): Promise<Checkpoint> {
  // After the shards are joined: a weight's parts may lie in different ones.
  return presentFourBit(await openFiles(files))
}
