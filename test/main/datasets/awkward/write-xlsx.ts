import { crc32 } from 'node:zlib'

/** Little-endian numbers of given widths, one after the other. */
function numbers(...parts: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  return Buffer.concat(
    parts.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes)
      buffer.writeUIntLE(value, 0, bytes)
      return buffer
    }),
  )
}

/** A zip archive that stores its files as they are. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const [path, text] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)]
    const sizes = [
      [4, crc32(data)],
      [4, data.length],
      [4, data.length],
      [2, name.length],
      [2, 0],
    ] as const
    const shared = [[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x21], ...sizes] as const
    const local = Buffer.concat([numbers([4, 0x04034b50], ...shared), name, data])
    const rest = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, offset],
    ] as const
    entries.push(Buffer.concat([numbers([4, 0x02014b50], [2, 20], ...shared, ...rest), name]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(entries)
  const counts = [
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
  ] as const
  const end = numbers([4, 0x06054b50], ...counts, [4, directory.length], [4, offset], [2, 0])
  return Buffer.concat([...locals, directory, end])
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
}
/** What looks like an escape of the format's own (`_x000D_`) is escaped once more. */
const xml = (text: string): string =>
  text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_').replace(/[&<>"\r]/g, (char) => escapes[char] as string)

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const sheets = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

const relation = (type: string, target: string): string =>
  `${head}<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/${type}" Target="${target}"/></Relationships>`

const columnName = (at: number): string => String.fromCharCode(65 + at)

function rowXml(cells: readonly string[], at: number): string {
  const texts = cells.map(
    (cell, column) =>
      `<c r="${columnName(column)}${at + 1}" t="inlineStr"><is><t xml:space="preserve">${xml(cell)}</t></is></c>`,
  )
  return `<row r="${at + 1}">${texts.join('')}</row>`
}

/** A workbook of one sheet of texts, up to 26 columns. The texts must be such as XML can hold. */
export function writeXlsx(rows: readonly (readonly string[])[]): Buffer {
  const types = ['workbook:sheet.main', 'worksheets/sheet1:worksheet'].map((pair) => {
    const [part, type] = pair.split(':')
    return `<Override PartName="/xl/${part}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`
  })
  return zip({
    '[Content_Types].xml': `${head}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${types.join('')}</Types>`,
    '_rels/.rels': relation('officeDocument', 'xl/workbook.xml'),
    'xl/workbook.xml': `${head}<workbook xmlns="${sheets}" xmlns:r="${office}"><sheets><sheet name="Rows" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relation('worksheet', 'worksheets/sheet1.xml'),
    'xl/worksheets/sheet1.xml': `${head}<worksheet xmlns="${sheets}"><sheetData>${rows.map(rowXml).join('')}</sheetData></worksheet>`,
  })
}
