export * from './evaluate-graph'
export * from './executor'
export { kernels } from './kernels'
