export * from './method'
export * from './method-info'
export * from './model'
export * from './task'
