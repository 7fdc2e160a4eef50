import fc from 'fast-check'
import { createEncoded, type Encoded } from '../../../../main/engine/text'

/** A row whose ids are 1..n and whose marked parts are given as a string: '.' is prompt, '#' is to be learned. */
export function exampleOf(marks: string): Encoded {
  const spans = [...marks].flatMap((mark, start) => (mark === '#' ? [{ start, end: start + 1 }] : []))
  return createEncoded(
    [...marks].map((_, index) => index + 1),
    spans,
  )
}

export const anyMarks = fc.string({ unit: fc.constantFrom('.', '#'), maxLength: 60 })
