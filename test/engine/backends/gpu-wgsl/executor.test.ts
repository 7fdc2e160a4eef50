import { gpuWgslBackend } from '../../../../main/engine/backends/gpu-wgsl'
import { accumulateContract } from '../accumulate-contract'
import { executorContract } from '../executor-contract'
import { onDevice } from './on-device'

onDevice('plans on the GPU', () => {
  executorContract(gpuWgslBackend())
  accumulateContract(gpuWgslBackend())
})
