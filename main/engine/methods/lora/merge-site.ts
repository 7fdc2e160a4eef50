import type { ReadTensor } from '../../nn'
import { lengthOf, slotM } from './dora'
import { slotA, slotB, type Lora, type LoraSite } from './lora-sites'

/** W + s · B A, with DoRA each row at its magnitude: summed in float64 and rounded once. */
export async function mergeSite(site: LoraSite, { dora }: Lora, read: ReadTensor): Promise<Float32Array> {
  const { r, scale, inFeatures, outFeatures } = site
  const weight = (await read(site.weight)).slice()
  const a = (await read(slotA(site))).slice()
  const b = (await read(slotB(site))).slice()
  const magnitudes = dora ? (await read(slotM(site))).slice() : undefined
  const row = new Float64Array(inFeatures)
  for (let o = 0; o < outFeatures; o++) {
    for (let i = 0; i < inFeatures; i++) row[i] = weight[o * inFeatures + i] as number
    for (let k = 0; k < r; k++) {
      const factor = scale * (b[o * r + k] as number)
      for (let i = 0; i < inFeatures; i++) row[i] = (row[i] as number) + factor * (a[k * inFeatures + i] as number)
    }
    const factor = magnitudes ? (magnitudes[o] as number) / lengthOf(row) : 1
    for (let i = 0; i < inFeatures; i++) weight[o * inFeatures + i] = factor * (row[i] as number)
  }
  return weight
}
