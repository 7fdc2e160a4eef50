import type { Device } from './device'
import { kernelSource, type Kernel, type Variant } from './program/kernel'

/** Compiled kernels: one pipeline a text, whichever layer, plan or action it serves. */
export interface Pipelines {
  /** Begins to compile where the text is new. */
  request(kernel: Kernel, variant: Variant): RequestedPipeline
  /** Waits for what was requested. */
  ready(): Promise<void>
}

export interface RequestedPipeline {
  readonly layout: GPUBindGroupLayout
  /** Once `ready` has come. */
  readonly pipeline: () => GPUComputePipeline
}

const COMPUTE_STAGE = 0x4

export function createPipelines({ gpu }: Device): Pipelines {
  const layouts = new Map<string, GPUBindGroupLayout>()
  const compiled = new Map<string, GPUComputePipeline>()
  const pending = new Map<string, Promise<void>>()

  const layoutOf = ({ operands }: Kernel, { shifted }: Variant): GPUBindGroupLayout => {
    const types: GPUBufferBindingType[] = operands.map(({ access }) =>
      access === 'read' ? 'read-only-storage' : 'storage',
    )
    if (shifted.some(Boolean)) types.push('uniform')
    const known = layouts.get(types.join())
    if (known) return known
    const entries = types.map((type, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer: { type } }))
    const layout = gpu.createBindGroupLayout({ entries })
    layouts.set(types.join(), layout)
    return layout
  }

  const compile = async (kernel: Kernel, source: string, layout: GPUBindGroupLayout): Promise<void> => {
    const module = gpu.createShaderModule({ label: kernel.name, code: source })
    const pipeline = await gpu.createComputePipelineAsync({
      label: kernel.name,
      layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    })
    compiled.set(source, pipeline)
  }

  return {
    request(kernel, variant) {
      const source = kernelSource(kernel, variant)
      const layout = layoutOf(kernel, variant)
      if (!pending.has(source)) pending.set(source, compile(kernel, source, layout))
      return { layout, pipeline: () => compiled.get(source) as GPUComputePipeline }
    },
    async ready() {
      await Promise.all(pending.values())
    },
  }
}
