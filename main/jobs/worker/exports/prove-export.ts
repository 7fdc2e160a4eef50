import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  certificateText,
  certify,
  compare,
  compareReading,
  record,
  type Certificate,
  type ExportedFile,
} from '../../../engine/export'
import { HostError, writeFileAtomic } from '../../../files'
import type { Exported, ExportInput } from './export-input'
import type { FormatHandler } from './formats'
import { withTrained } from './with-exported'

const CERTIFICATE = 'certificate.json'
const CARD = 'README.md'

async function findCertificate(input: ExportInput, step: number, handler: FormatHandler): Promise<Certificate> {
  const { view, request, texts, model, context } = input
  // One after the other: two models at once might not fit into memory.
  const recordings = await withTrained(input, (speaker) => record(speaker, texts.prompts))
  context.emit({ type: 'stage', stage: 'prove', done: 1, total: 2 })
  const { comparison, reading, type } = await handler.withExported(
    input,
    async ({ speaker, reader, type }: Exported) => ({
      type,
      comparison: await compare(recordings, speaker),
      reading: reader && compareReading(model, reader, texts.conversations),
    }),
  )
  context.emit({ type: 'stage', stage: 'prove', done: 2, total: 2 })
  const run = { id: view.id, step, software: 'Graft Studio' }
  const prompts = { count: texts.prompts.length, from: texts.from }
  return certify({ format: request.format, type, run, prompts, comparison, reading })
}

/**
 * Loads an export again and compares it with the trained model; the result goes into `certificate.json` and the card.
 * @returns the certificate and the files that it made or changed
 * @throws HostError `export-failed` that says what differs
 */
export async function proveExport(
  input: ExportInput,
  step: number,
  handler: FormatHandler,
): Promise<{ readonly certificate: Certificate; readonly written: readonly ExportedFile[] }> {
  const { folder, request } = input
  const certificate = await findCertificate(input, step, handler)
  if (certificate.verdict === 'failed') {
    const got = certificate.failures.join('; ')
    const message = `export (${request.format}): expected files that say what the trained model says, got: ${got}; the files were removed, choose another type or format`
    throw new HostError('export-failed', message, { format: request.format, failures: [...certificate.failures] })
  }
  const json = `${JSON.stringify(certificate, null, 2)}\n`
  const section = `\n${certificateText(certificate)}\n`
  await writeFileAtomic(join(folder, CERTIFICATE), json)
  await appendFile(join(folder, CARD), section)
  const bytes = (text: string): number => Buffer.byteLength(text)
  return {
    certificate,
    written: [
      { name: CERTIFICATE, bytes: bytes(json) },
      { name: CARD, bytes: bytes(section) },
    ],
  }
}
