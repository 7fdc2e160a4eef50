import { describe, expect, it } from 'vitest'
import { takeToken } from '../../../renderer/lib/token'

function openAt(hash: string, kept: Record<string, string> = {}) {
  const place = { hash, replaced: undefined as string | undefined }
  const token = takeToken(
    { hash, replaceHash: (next) => (place.replaced = next) },
    { getItem: (key) => kept[key] ?? null, setItem: (key, value) => void (kept[key] = value) },
  )
  return { token, replaced: place.replaced, kept }
}

describe('takeToken', () => {
  it('takes the token out of the address and keeps it for the next load', () => {
    const first = openAt('#token=a-b_c')
    expect(first).toMatchObject({ token: 'a-b_c', replaced: '#/' })
    expect(openAt('#/runs', first.kept)).toMatchObject({ token: 'a-b_c', replaced: undefined })
  })
  it('prefers a new token over an old one', () => {
    const { kept } = openAt('#token=old')
    expect(openAt('#token=new', kept).token).toBe('new')
  })
  it('has none where none was given', () => expect(openAt('#/').token).toBeUndefined())
})
