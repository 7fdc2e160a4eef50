import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { quantisedContract } from '../quantised-contract'

quantisedContract(cpuOnnxBackend)
