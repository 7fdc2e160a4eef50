import { referenceBackend } from '../../../../main/engine/backends/reference'
import { executorContract } from '../executor-contract'

executorContract(referenceBackend)
