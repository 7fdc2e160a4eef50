export * from './method'
export * from './model'
export * from './task'
