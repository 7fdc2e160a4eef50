import { handlers } from './handlers'
import { serveJob } from './serve-job'

serveJob(handlers)
