import { readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { z } from 'zod'
import { openSafetensors } from '../../../engine/checkpoint'
import { replayFourBit, replayGolden } from '../../../engine/train'
import { fileByteSource, folderFileSource, HostError } from '../../../files'
import type { JobEnding, JobHandler } from '../job-context'
import { backends } from '../tuning/tuning-engine'

/** `dir`: the folder of a training case, or a file with one quantised tensor. */
const payloadSchema = z.object({ dir: z.string(), backend: z.enum(['cpu-onnx', 'reference']).default('cpu-onnx') })

type Payload = z.infer<typeof payloadSchema>

/** Where the case's base model lies, as case.json says: relative to the case's folder. */
async function modelFolder(dir: string): Promise<string> {
  const text = await readFile(join(dir, 'case.json'), 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new HostError(
      'not-found',
      `golden case ${dir}: expected a case.json, got none; give the folder of one case`,
      { dir },
    )
  const { model } = z.object({ model: z.string() }).parse(JSON.parse(text))
  return join(dir, model)
}

async function replayFolder({ dir, backend }: Payload): Promise<JobEnding> {
  const folders = [dir, join(dir, 'adapter_init'), await modelFolder(dir)].map(folderFileSource)
  const [files, adapter, model] = folders as [(typeof folders)[0], (typeof folders)[0], (typeof folders)[0]]
  try {
    // Two threads: enough for a tiny model, and the same sums on every machine.
    const report = await replayGolden({
      name: basename(dir),
      case: files,
      adapter,
      model,
      backend: backends[backend],
      threads: 2,
    })
    return { state: 'done', result: { ...report } }
  } finally {
    for (const folder of folders) await folder.close()
  }
}

async function replayFile({ dir: path }: Payload): Promise<JobEnding> {
  const source = await fileByteSource(path)
  try {
    const name = basename(path, extname(path))
    return { state: 'done', result: { ...(await replayFourBit(name, await openSafetensors(source))) } }
  } finally {
    await source.close()
  }
}

/** Replays a reference case; the result is the report. */
export const golden: JobHandler = async (payload) => {
  const asked = payloadSchema.parse(payload)
  return (await stat(asked.dir)).isDirectory() ? replayFolder(asked) : replayFile(asked)
}
