import { InferenceSession } from 'onnxruntime-node'
import { printGraph } from '../../graph'
import type { Plan, RunAction, Segment } from '../../plan'
import type { DropoutMask } from './emitter'
import { runsOnHost } from './host-kernels'
import { lowerGraph } from './lower-graph'

/** A segment ready to run; without a session it is one of the few that run on the host. */
export interface CompiledSegment {
  readonly segment: Segment
  readonly session: InferenceSession | undefined
  readonly hostInputs: readonly DropoutMask[]
}

export interface SessionTable {
  /** Compiles what is new. One session per distinct graph: equal layers and equal plans share it. */
  compile(plan: Plan): Promise<void>
  of(action: RunAction): CompiledSegment
  release(): Promise<void>
}

export const accumulatingPorts = (action: RunAction): string[] =>
  Object.entries(action.outputs).flatMap(([port, binding]) => (binding.accumulate ? [port] : []))

export const runActions = (plan: Plan): RunAction[] =>
  Object.values(plan.phases)
    .flat()
    .filter((action) => action.do === 'run')

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    // Training graphs have little that the optimiser knows to fuse, and folding would copy weights.
    graphOptimizationLevel: 'basic',
    executionMode: 'sequential',
    interOpNumThreads: 1,
    ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
    // Doubles the peak memory of a training step: a planned block is reserved beside what the first run used.
    enableMemPattern: false,
    // Each session's arena keeps what its largest run took, and there is a session for every kind of segment and length:
    // the C library's allocator shares that memory between them (measured: 13 % less at peak, no slower).
    enableCpuMemArena: false,
    // Every session has threads of its own, and a step is dozens of runs of different sessions: threads that spin while
    // they wait take the cores that the next session, or anybody else on the machine, needs (measured on 2 busy cores:
    // a training step took 1.7 to 1.9 times as long with spinning, a generated token 7 times).
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  }
}

export function createSessionTable(threads: number): SessionTable {
  const compiled = new Map<string, CompiledSegment>()
  const actions = new WeakMap<RunAction, CompiledSegment>()

  const compileAction = async (plan: Plan, action: RunAction): Promise<CompiledSegment> => {
    const segment = plan.segments.get(action.segment) as Segment
    const accumulating = accumulatingPorts(action)
    const identity = `${printGraph(segment.graph)}\n${accumulating.join('\n')}`
    const before = compiled.get(identity)
    if (before) return before
    const onHost = runsOnHost(segment.graph)
    const lowered = onHost ? undefined : lowerGraph(segment.graph, new Set(accumulating))
    const session = lowered && (await InferenceSession.create(lowered.model, sessionOptions(threads)))
    const entry = { segment, session, hostInputs: lowered?.hostInputs ?? [] }
    compiled.set(identity, entry)
    return entry
  }

  return {
    async compile(plan) {
      const byKey = new Map<string, CompiledSegment>()
      for (const action of runActions(plan)) {
        const key = `${action.segment} ${accumulatingPorts(action).join()}`
        const entry = byKey.get(key) ?? (await compileAction(plan, action))
        byKey.set(key, entry)
        actions.set(action, entry)
      }
    },
    of: (action) => actions.get(action) as CompiledSegment,
    async release() {
      await Promise.all([...compiled.values()].map(({ session }) => session?.release()))
      compiled.clear()
    },
  }
}
