export { inspectModel } from './inspect-model'
export { listMethods } from './method-list'
export { openBaseModel, type BaseModel } from './open-base-model'
export { resolveModelDir, type ModelPlaces } from './resolve-model-dir'
