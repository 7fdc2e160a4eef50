import type { analyse } from 'chardet'

/** Of so many characters of two bytes this share must be common ones, and at most one in twenty undecodable. */
const commonShare = 0.7
const faultShare = 0.05
/** What GB18030 could be taken for: encodings whose characters are pairs of bytes too. */
const rivals = ['Big5', 'EUC-JP', 'EUC-KR', 'Shift_JIS']

interface Pairs {
  readonly total: number
  readonly common: number
  readonly faults: number
}

/**
 * Whether bytes that are not UTF-8 are Chinese text in GB18030 (or GBK or GB2312, which it contains). Almost any bytes
 * can be decoded as GB18030, so three things must hold: hardly a byte that cannot, mostly characters of everyday
 * Chinese (GB2312's first level and punctuation), and no East Asian rival that fits better by its frequencies.
 */
export function seemsGb18030(bytes: Uint8Array, analyseBytes: typeof analyse): boolean {
  const { total, common, faults } = countPairs(bytes)
  if (total === 0 || faults > total * faultShare || common < total * commonShare) return false
  const found = analyseBytes(bytes.subarray(0, 1 << 16))
  const confidence = (name: string): number => found.find((match) => match.name === name)?.confidence ?? 0
  return rivals.every((name) => confidence(name) <= confidence('GB18030'))
}

function countPairs(bytes: Uint8Array): Pairs {
  let [total, common, faults] = [0, 0, 0]
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0
    if (lead < 0x80) continue
    if (at + 1 >= bytes.length) break
    const trail = bytes[at + 1] ?? 0
    const isQuad = lead !== 0x80 && lead !== 0xff && trail >= 0x30 && trail <= 0x39
    if (lead === 0x80 || lead === 0xff || (!isQuad && (trail < 0x40 || trail === 0x7f || trail === 0xff))) {
      faults++
      continue
    }
    total++
    if (trail >= 0xa1 && ((lead >= 0xa1 && lead <= 0xa3) || (lead >= 0xb0 && lead <= 0xd7))) common++
    at += isQuad ? 3 : 1
  }
  return { total, common, faults }
}
