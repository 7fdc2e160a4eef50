export * from './resources'
export * from './workspace'
