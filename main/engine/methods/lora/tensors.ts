import type { LinearSite, TrainableParameter } from '../../nn'
import type { Rng } from '../../rng'
import { initialMagnitude, slotM } from './dora'
import { slotA, slotB, type Lora, type LoraSite } from './lora-sites'

/** kaiming_uniform with a = √5, as PEFT: U(−1/√in, 1/√in). B starts at zero, so that training starts at the base model. */
function initialA({ inFeatures }: LinearSite, r: number): (rng: Rng) => Float32Array {
  const bound = 1 / Math.sqrt(inFeatures)
  return (rng) => Float32Array.from({ length: r * inFeatures }, () => (2 * rng.next() - 1) * bound)
}

/**
 * What is trained of a matrix: A, B, and with DoRA the magnitude of each row. Of LoRA+ (Hayou et al. 2024,
 * arXiv:2402.12354) B and all vectors learn at a multiple of the rate.
 */
function siteTensors(site: LoraSite, { dora, ratio }: Lora): TrainableParameter[] {
  const { r, inFeatures, outFeatures } = site
  const faster = { decay: true, ...(ratio !== 1 && { rate: ratio }) }
  return [
    { name: slotA(site), shape: [r, inFeatures], decay: true, initial: initialA(site, r) },
    { name: slotB(site), shape: [outFeatures, r], ...faster, initial: () => new Float32Array(outFeatures * r) },
    ...(dora ? [{ name: slotM(site), shape: [outFeatures], ...faster, initial: initialMagnitude(site) }] : []),
  ]
}

export const trainableTensors = (lora: Lora): TrainableParameter[] =>
  lora.sites.flatMap((site) => siteTensors(site, lora))
