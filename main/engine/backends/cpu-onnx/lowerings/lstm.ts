import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
import { size, term, type Lowering } from './lowering'

interface Cell {
  readonly i: Term
  readonly f: Term
  readonly g: Term
  readonly o: Term
  readonly after: Term
  /** tanh of the cell after this step. */
  readonly t: Term
}

/** Everything that forward and backward pass share: the emitter writes it once. */
function cellOf(e: Emitter, z: Term, before: Term | undefined): Cell {
  const width = size(z, 1) / 4
  const gate = (op: 'Sigmoid' | 'Tanh', block: number): Term => {
    const part = e.slice(z, 1, block * width, (block + 1) * width)
    return e.emit(op, [part], part.shape)
  }
  const [i, f, g, o] = [gate('Sigmoid', 0), gate('Sigmoid', 1), gate('Tanh', 2), gate('Sigmoid', 3)]
  const fresh = binary(e, 'Mul', i, g)
  const after = before ? binary(e, 'Add', binary(e, 'Mul', f, before), fresh) : fresh
  return { i, f, g, o, after, t: e.emit('Tanh', [after], after.shape) }
}

export const lstmCell: Lowering<'lstmCell'> = (e, inputs) => {
  const { o, t, after } = cellOf(e, term(inputs, 0), inputs[1])
  return [binary(e, 'Mul', o, t), after]
}

export const lstmCellGrad: Lowering<'lstmCellGrad'> = (e, inputs, { of }) => {
  const hidden = of === 'cell' ? undefined : term(inputs, 0)
  const cell = of === 'hidden' ? undefined : term(inputs, of === 'both' ? 1 : 0)
  const [z, before] = inputs.slice(of === 'both' ? 2 : 1) as [Term, Term | undefined]
  const { i, f, g, o, t } = cellOf(e, z, before)
  const times = (a: Term, b: Term): Term => binary(e, 'Mul', a, b)
  const sigmoidSlope = (s: Term): Term => times(s, binary(e, 'Sub', e.constant('float', [1]), s))
  const tanhSlope = (s: Term): Term => binary(e, 'Sub', e.constant('float', [1]), times(s, s))
  const zero = (): Term => times(g, e.constant('float', [0]))
  const throughHidden = hidden && times(times(hidden, o), tanhSlope(t))
  const delta = (cell && throughHidden ? binary(e, 'Add', cell, throughHidden) : (cell ?? throughHidden)) as Term
  const gates = [
    times(times(delta, g), sigmoidSlope(i)),
    before ? times(times(delta, before), sigmoidSlope(f)) : zero(),
    times(times(delta, i), tanhSlope(g)),
    hidden ? times(times(hidden, t), sigmoidSlope(o)) : zero(),
  ]
  const dz = e.emit('Concat', gates, z.shape, { attributes: { axis: 1 } })
  return before ? [dz, times(delta, f)] : [dz]
}
