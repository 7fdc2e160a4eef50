export * from './method'
export * from './model'
