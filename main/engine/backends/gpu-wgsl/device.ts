import type * as webgpu from 'webgpu'
import { GraftError } from '../../errors'

/** One for each set of flags, for ever: Dawn ends the process once nobody holds what `create` returned any more. */
const instances = new Map<string, GPU>()

/** Every kernel writes workgroup memory before it reads it; clearing it first makes some drivers compile for seconds. */
const ownFlags = ['enable-dawn-features=disable_workgroup_init']

export interface Device {
  readonly gpu: GPUDevice
  /** @throws GraftError `device-failed`: what the device has said since it was opened, or undefined work was asked of it */
  check(): void
  /** Runs `work` and waits for the device's opinion of it. @throws GraftError `device-failed` */
  checked<T>(what: string, work: () => Promise<T>): Promise<T>
}

export interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
  /** The largest buffer that a kernel can see whole. */
  readonly bindingBytes: number
}

const failed = (message: string): GraftError => new GraftError('device-failed', `gpu-wgsl: ${message}`)

async function loadLibrary(): Promise<typeof webgpu> {
  try {
    return await import('webgpu')
  } catch (error) {
    const message = `gpu-wgsl: expected the library webgpu to load, got "${String(error)}"; train on the CPU, or install it for this system`
    throw new GraftError('device-unavailable', message)
  }
}

function noDevice(said: string): never {
  const message = `gpu-wgsl: expected a graphics device, got none (${said}); install its vendor's driver (on Linux one with Vulkan) or train on the CPU`
  throw new GraftError('device-unavailable', message)
}

async function requestAdapter(flags: readonly string[]): Promise<GPUAdapter> {
  const { create } = await loadLibrary()
  const instance = instances.get(flags.join('\n')) ?? create([...ownFlags, ...flags])
  instances.set(flags.join('\n'), instance)
  // Dawn rejects where it finds nothing, and answers null where nothing suits.
  const asked = instance.requestAdapter({ powerPreference: 'high-performance' })
  const adapter = await asked.catch((error: unknown) => noDevice(String(error)))
  return adapter ?? noDevice('no suitable one')
}

/** What `doctor` and reports say about the device. */
export async function describeGpuWgsl(flags: readonly string[] = []): Promise<AdapterInfo> {
  const { info, limits } = await requestAdapter(flags)
  const { vendor, architecture, description, device } = info
  const bindingBytes = limits.maxStorageBufferBindingSize
  return { vendor, architecture, description: [description, device].filter(Boolean).join(' · '), bindingBytes }
}

/**
 * @param flags Dawn's own, for example `backend=null`
 * @throws GraftError `device-unavailable`
 */
export async function openDevice(flags: readonly string[]): Promise<Device> {
  const adapter = await requestAdapter(flags)
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits
  const gpu = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } })
  let failure: GraftError | undefined
  const fail = (message: string): void => void (failure ??= failed(message))
  void gpu.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') fail(`the device was lost (${message}); start again, or train on the CPU`)
  })
  gpu.addEventListener('uncapturederror', ({ error }) => fail(error.message))
  const check = (): void => {
    if (failure) throw failure
  }
  return {
    gpu,
    check,
    async checked(what, work) {
      check()
      for (const filter of ['validation', 'out-of-memory'] as const) gpu.pushErrorScope(filter)
      try {
        return await work()
      } catch (error) {
        if (error instanceof GraftError) throw error
        fail(`${what}: ${String(error)}`)
        throw failure as GraftError
      } finally {
        const errors = [await gpu.popErrorScope(), await gpu.popErrorScope()]
        const error = errors.find((e) => e !== null)
        if (error) fail(`${what}: ${error.message}`)
        check()
      }
    },
  }
}
