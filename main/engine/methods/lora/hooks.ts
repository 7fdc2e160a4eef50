import { batchSlots, type ModelHooks } from '../../nn'
import { withGain } from './dora'
import { slotA, slotB, type Lora } from './lora-sites'

/** y + s · B(A(dropout(x))), or DoRA's form of it. */
export function loraHooks({ sites, dropout, dora }: Lora): ModelHooks {
  const byName = new Map(sites.map((site) => [site.name, site]))
  return {
    linear(scope, { name }, x, y) {
      const site = byName.get(name)
      if (!site) return y
      const { g } = scope
      const { layer, stream, scale } = site
      const dropped =
        scope.training && dropout > 0
          ? g.one('dropout', [x, scope.slot(batchSlots.seeds, layer, 1)], { rate: dropout, stream })
          : x
      const inner = g.one('linear', [dropped, scope.slot(slotA(site))], { alpha: 1 })
      const update = (addend: typeof y): typeof y =>
        g.one('linear', [inner, scope.slot(slotB(site)), addend], { alpha: scale })
      return dora ? withGain(scope, site, { x, dropped, y }, update) : update(y)
    },
  }
}
