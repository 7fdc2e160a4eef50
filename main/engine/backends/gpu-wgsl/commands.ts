import type { Plan, RunParameters } from '../../plan'
import type { Device } from './device'
import type { Pipelines } from './pipelines'
import type { Kernel } from './program/kernel'
import type { ScratchBuffers } from './scratch-buffers'
import type { SlotBuffers, Start } from './slot-buffers'
import type { Starts } from './starts'

/** What binding an action may use. */
export interface BindContext {
  readonly device: Device
  readonly pipelines: Pipelines
  readonly slots: SlotBuffers
  readonly scratch: ScratchBuffers
  readonly starts: Starts
  readonly plan: Plan
}

interface Dispatch {
  readonly pipeline: () => GPUComputePipeline
  readonly bindGroup: GPUBindGroup
  readonly groups: readonly [number, number, number]
}

interface Clear {
  readonly clear: GPUBuffer
  readonly bytes: number
}

export type Command = Dispatch | Clear

/** An action ready to run: what to write first, given a run's parameters, and what to encode. */
export interface BoundAction {
  readonly writes: readonly ((parameters: RunParameters) => void)[]
  readonly commands: readonly Command[]
}

/** A buffer, or a part of it: from an element on (`start`), or an aligned range of bytes (`range`). */
export interface BoundOperand {
  readonly buffer: GPUBuffer
  readonly start?: Start | undefined
  readonly range?: { readonly offset: number; readonly size: number }
  readonly accumulate?: boolean
}

/** One dispatch of a kernel over these operands. */
export function bindKernel(context: BindContext, kernel: Kernel, operands: readonly BoundOperand[]): BoundAction {
  const { device, pipelines, starts } = context
  const shifted = operands.map(({ start }) => start !== undefined)
  const accumulating = operands.map(({ accumulate }) => accumulate === true)
  const { layout, pipeline } = pipelines.request(kernel, { shifted, accumulating })
  const shifts = shifted.some(Boolean) ? starts.of(operands.map(({ start }) => start)) : undefined
  const resources: GPUBufferBinding[] = operands.map(({ buffer, range }) => ({ buffer, ...range }))
  if (shifts) resources.push({ buffer: shifts.buffer })
  const entries = resources.map((resource, binding) => ({ binding, resource }))
  const bindGroup = device.gpu.createBindGroup({ label: kernel.name, layout, entries })
  return {
    writes: shifts?.write ? [shifts.write] : [],
    commands: [{ pipeline, bindGroup, groups: kernel.groups }],
  }
}

/** Actions one after the other; what several of them would write is written once. */
export const sequence = (actions: readonly BoundAction[]): BoundAction => ({
  writes: [...new Set(actions.flatMap(({ writes }) => writes))],
  commands: actions.flatMap(({ commands }) => commands),
})

/** All commands in one command buffer: dispatches that follow one another share a pass. */
export function submit({ gpu }: Device, commands: readonly Command[]): void {
  const encoder = gpu.createCommandEncoder()
  let pass: GPUComputePassEncoder | undefined
  for (const command of commands) {
    if ('clear' in command) {
      pass?.end()
      pass = undefined
      encoder.clearBuffer(command.clear, 0, command.bytes)
      continue
    }
    pass ??= encoder.beginComputePass()
    pass.setPipeline(command.pipeline())
    pass.setBindGroup(0, command.bindGroup)
    pass.dispatchWorkgroups(...command.groups)
  }
  pass?.end()
  gpu.queue.submit([encoder.finish()])
}
