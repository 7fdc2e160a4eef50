export { inspectModel } from './inspect-model'
export { listMethods } from './method-list'
export { resolveModelDir, type ModelPlaces } from './resolve-model-dir'
