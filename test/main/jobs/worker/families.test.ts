import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportFormat, ExportType } from '../../../../preload/contract'
import { tinyFamilies, writeTinyModel } from '../../../helpers/tiny-model'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
beforeAll(async () => void (studio = await tinyStudio()))
afterAll(() => studio.close())

/** The families that differ most from Llama; the method matrix and the exports' own tests have them all. */
const rows: readonly (readonly [keyof typeof tinyFamilies, string, ExportFormat, ExportType | undefined])[] = [
  ['gemma3', 'full', 'gguf', 'F32'],
  ['gpt2', 'lora', 'merged-hf', undefined],
]

describe.each(rows)('a run on a %s, %s, exported as %s', (family, method, format, type) => {
  it('learns, is loaded again as it was trained, and keeps its family’s own words', async () => {
    const path = await writeTinyModel(join(studio.install.root, family), { config: tinyFamilies[family] })
    const spec = studio.spec({ steps: 3, learningRate: 5e-3 }, { id: method })
    const id = await studio.jobs.createAndStart({ ...spec, model: { kind: 'folder', path } })
    await collect(studio.jobs.events(id, 0))
    const { state, evaluations } = await studio.jobs.view(id)
    expect(state).toBe('done')
    expect(evaluations.at(-1)!.loss).toBeLessThan(evaluations[0]!.loss)
    const { path: out, certificate } = await studio.jobs.export(id, format, type)
    expect(certificate).toMatchObject({ verdict: 'passed', failures: [] })
    if (format !== 'merged-hf') return
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as Record<string, unknown>
    expect(config).toMatchObject(tinyFamilies[family])
  })
})
