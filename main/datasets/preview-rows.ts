import type { PreviewRow } from '../../preload/contract'
import type { OpenDataset } from './open-dataset'
import { isRejected, readContent, type RowContent } from './row-content'

/** Rows as the app shows them: how they are understood, and their source. Unmapped rows have a source only. */
export async function previewRows(opened: OpenDataset, offset: number, limit: number): Promise<PreviewRow[]> {
  const { reading } = opened
  return (await opened.rows(offset, limit)).map(({ line, text }) => {
    const content = reading === undefined ? undefined : readContent(text, reading)
    const shown = content === undefined || isRejected(content) ? {} : shownContent(content)
    return { line, ...shown, source: text }
  })
}

function shownContent(content: RowContent): Partial<PreviewRow> {
  if (content.kind === 'messages') return { messages: content.messages.map((message) => ({ ...message })) }
  if (content.kind === 'completion') return { prompt: content.prompt, completion: content.completion }
  return { text: content.text }
}
