import { GraftError } from '../../errors'
import type { LinearSite, ModelDefinition, ParameterValues } from '../../nn'
import { parseLayerList } from '../layer-list'
import { isNamed, matchTargets, targetEntries } from '../targets'

/**
 * The matrices that get an update: the targets in the chosen layers, less those that are excluded. As in PEFT, a target
 * that is named by its whole path is one in whatever layer it lies.
 * @throws GraftError `invalid-argument` where a name or a layer is not there, or no matrix is left
 */
export function chooseSites(model: ModelDefinition, values: ParameterValues): LinearSite[] {
  const targets = values['targets'] as string
  const layers = parseLayerList(values['layers'] as string, model.config.layers, 'layers')
  const [named, excluded] = [targetEntries(targets), targetEntries(values['exclude'] as string)]
  const inLayer = ({ name, layer }: LinearSite): boolean =>
    layers.length === 0 || layers.includes(layer) || named.includes(name)
  const sites = matchTargets(model, targets).filter(
    (site) => inLayer(site) && !excluded.some((entry) => isNamed(site, entry)),
  )
  if (sites.length > 0) return sites
  const message = `target modules: expected at least one matrix in the chosen layers that is not excluded, got none; choose other layers or exclude fewer`
  throw new GraftError('invalid-argument', message, { parameter: 'targets', targets })
}
