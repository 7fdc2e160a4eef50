import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { resultOf } from '../../jobs'
import { CliError, exitCodes } from '../exit'
import type { CommandSpec } from '../session'

export const goldenCommand: CommandSpec = {
  usage: 'golden <case>',
  summary: 'replay a reference case, a folder or one tensor file (prints one JSON line)',
  configure: (command) => command.option('--backend <name>', 'cpu-onnx or reference', 'cpu-onnx'),
  async run({ studio, terminal }, [given = ''], options) {
    const dir = resolve(given)
    const found = await stat(dir).catch(() => undefined)
    if (!found?.isDirectory() && !(found?.isFile() && dir.endsWith('.safetensors'))) {
      const got = found ? 'another file' : 'nothing there'
      const message = `golden "${dir}": expected the folder of a case or a .safetensors file, got ${got}; check the path`
      throw new CliError({ code: 'not-found', message })
    }
    const job = studio.jobs.startJob({ kind: 'golden', payload: { dir, backend: options['backend'] } })
    const result = await resultOf(job)
    // Exactly one line, with or without --json: it is made for scripts.
    terminal.out(JSON.stringify(result))
    return result['pass'] === true ? exitCodes.ok : exitCodes.failure
  },
}
