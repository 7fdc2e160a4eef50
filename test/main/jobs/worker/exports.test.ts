import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportFormat, ExportType } from '../../../../preload/contract'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
let id: string
beforeAll(async () => {
  studio = await tinyStudio()
  id = await studio.jobs.createAndStart(studio.spec({ steps: 4, learningRate: 5e-3 }))
  await collect(studio.jobs.events(id, 0))
})
afterAll(() => studio.close())

const forms: readonly (readonly [ExportFormat, ExportType | undefined])[] = [
  ['peft', undefined],
  ['merged-hf', undefined],
  ['merged-hf', 'BF16'],
  ['gguf', 'F32'],
  ['gguf', 'Q8_0'],
]

describe.each(forms)('an export as %s %s', (format, type) => {
  it('is loaded again, compared, and says so', async () => {
    const { path, files, certificate } = await studio.jobs.export(id, format, type)
    const isExact = type === undefined || type === 'F32'
    expect(certificate).toMatchObject({ verdict: 'passed', format, type: type ?? 'F32', failures: [] })
    expect(certificate.prompts).toEqual({ count: 4, from: 'held-out rows' })
    expect(certificate.greedy.positions).toBe(48)
    expect(certificate.logits.largestDifference).toBeLessThan(isExact ? 1e-4 : 0.2)
    expect(certificate.template === null).toBe(format === 'peft')

    expect(JSON.parse(await readFile(join(path, 'certificate.json'), 'utf8'))).toEqual(certificate)
    const card = await readFile(join(path, 'README.md'), 'utf8')
    expect(card).toContain('## Parity certificate')
    expect(card).toMatch(/training {3}[▁-█]{4}\n/)
    expect(files.map(({ name }) => name).toSorted()).toEqual((await readdir(path)).toSorted())
    const sizes = await Promise.all(files.map(async ({ name }) => (await readFile(join(path, name))).byteLength))
    expect(sizes).toEqual(files.map(({ bytes }) => bytes))
  })
})

it('refuses a type that the format has not, before anything is written', async () => {
  await expect(studio.jobs.export(id, 'peft', 'Q8_0')).rejects.toMatchObject({
    code: 'export-failed',
    message: 'export (peft): type: expected no type, it is always float32, got Q8_0; choose another',
  })
})

it('proves itself on prompts of the studio where the dataset has gone', async () => {
  const { dataset } = (await studio.jobs.view(id)).spec
  await rm(join(studio.paths.datasets, dataset.id), { recursive: true })
  const { certificate } = await studio.jobs.export(id, 'peft')
  expect(certificate.prompts).toEqual({ count: 3, from: 'the studio' })
})
