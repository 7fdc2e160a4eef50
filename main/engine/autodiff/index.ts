export * from './differentiate'
