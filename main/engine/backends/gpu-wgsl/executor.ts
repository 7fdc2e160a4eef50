import { GraftError } from '../../errors'
import { isDue, type Action, type Executor, type Phase, type Plan } from '../../plan'
import { binders, programOf, type Programs } from './actions'
import { sequence, submit, type BindContext, type BoundAction } from './commands'
import type { Device } from './device'
import { createPipelines } from './pipelines'
import { createScratchBuffers } from './scratch-buffers'
import { createSlotBuffers } from './slot-buffers'
import { createStarts } from './starts'

interface Entry {
  readonly action: Action
  readonly bound: BoundAction
}

type BoundPlan = ReadonlyMap<Phase, readonly Entry[]>

function bindAction<Name extends Action['do']>(
  action: Extract<Action, { readonly do: Name }>,
  programs: Programs,
  context: BindContext,
): BoundAction {
  return binders(programs)[action.do as Name](action, context)
}

const phasesOf = (plan: Plan): [Phase, readonly Action[]][] =>
  Object.entries(plan.phases) as [Phase, readonly Action[]][]

function fail(message: string): never {
  throw new GraftError('invalid-argument', `gpu-wgsl: ${message}`)
}

/** Runs plans on one device. Slots are buffers; a phase is a list of commands, made when its plan is prepared. */
export function createExecutor(device: Device): Executor {
  const slots = createSlotBuffers(device)
  const scratch = createScratchBuffers(device)
  const shared = { device, pipelines: createPipelines(device), slots, scratch, starts: createStarts(device) }
  const programs = new Map<Plan, Programs>()
  const bound = new Map<Plan, BoundPlan>()
  let current: Plan | undefined

  /** Lowers the plan's segments and reserves its memory. Returns whether buffers were replaced: then all must be bound anew. */
  const reserve = (plan: Plan): boolean => {
    const mine: Programs = new Map()
    programs.set(plan, mine)
    const runs = phasesOf(plan).flatMap(([, actions]) => actions.filter((action) => action.do === 'run'))
    const replaced = runs.map((action) => scratch.reserve(programOf(mine, plan, action).scratch))
    return [slots.reserve(plan), ...replaced].some(Boolean)
  }
  const bind = (plan: Plan): void => {
    const context = { ...shared, plan }
    const mine = programs.get(plan) as Programs
    const entry = (action: Action): Entry => ({ action, bound: bindAction(action, mine, context) })
    bound.set(plan, new Map(phasesOf(plan).map(([phase, actions]) => [phase, actions.map(entry)])))
  }

  return {
    prepare: (plans, onProgress) =>
      device.checked('preparing', async () => {
        const replaced = plans.map(reserve).some(Boolean)
        for (const plan of replaced ? [...bound.keys()] : []) bind(plan)
        for (const [i, plan] of plans.entries()) {
          bind(plan)
          await shared.pipelines.ready()
          onProgress?.(i + 1, plans.length)
        }
      }),
    async upload(slot, data) {
      device.check()
      slots.upload(slot, data)
    },
    async run(plan, phase, parameters = {}) {
      device.check()
      const phases = bound.get(plan) ?? fail(`expected a prepared plan, got "${plan.title}"; prepare it before running`)
      const entries = phases.get(phase) ?? fail(`plan "${plan.title}": expected a list "${phase}", got none`)
      const due = entries.filter(({ action }) => isDue(action, parameters))
      const { writes, commands } = sequence(due.map((entry) => entry.bound))
      for (const write of writes) write(parameters)
      current = plan
      submit(device, commands)
    },
    async read(slot) {
      // A name may have another size in another plan: the last plan that ran wrote it.
      const owner = [current, ...bound.keys()].find((plan) => plan?.slots.has(slot))
      if (!owner) fail(`slot ${slot}: expected a slot of a prepared plan; prepare the plan before reading`)
      return slots.read(owner, slot)
    },
    async dispose() {
      bound.clear()
      slots.release()
      device.gpu.destroy()
    },
  }
}
