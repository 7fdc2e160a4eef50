export { createService, type Service } from './create-service'
export { importedDataset, importSample, readPreview, readProblems, startImport } from './datasets-api'
export { openStudio, type Studio, type StudioOptions, type StudioPaths } from './open-studio'
export { systemInfo } from './system-info'
