import { HostError } from './host-error'

interface SystemFault {
  readonly code: string
  /** The rest of the message after the place: expected X, got Y; what to do. */
  readonly text: string
}

const notWritable: SystemFault = {
  code: 'not-writable',
  text: 'expected permission, got a refusal by the system; change the permissions or choose another folder',
}
const notReadable: SystemFault = {
  code: 'not-readable',
  text: 'expected permission to read, got a refusal by the system; change the permissions or choose another file',
}
const diskFull: SystemFault = {
  code: 'disk-full',
  text: 'expected room for more data, got a full disk; free some space or choose another disk',
}
const tooManyFiles: SystemFault = {
  code: 'too-many-files',
  text: 'expected to open one more file, got the limit of open files; close other programs or raise the limit',
}
const busy: SystemFault = {
  code: 'busy',
  text: 'expected a free file, got one in use by another program; close that program and try again',
}
const failedRead: SystemFault = {
  code: 'io-failed',
  text: 'expected the disk to answer, got an input/output error; check the disk and its connection',
}
const outOfMemory: SystemFault = {
  code: 'out-of-memory',
  text: 'expected enough memory, got a refusal by the system; close other programs or choose a smaller task',
}

/** What Node.js calls the errors of the operating system, and what they mean to a person. */
const SYSTEM_FAULTS: Readonly<Record<string, SystemFault>> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EFBIG: {
    code: 'file-too-large',
    text: 'expected a size that the disk allows, got a larger file; use a disk with another file system',
  },
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: notWritable,
  ENOENT: { code: 'not-found', text: 'expected an existing file or folder, got none; check the name and the path' },
  ENOTDIR: { code: 'not-found', text: 'expected a folder on the way, got a file; check the path' },
  EISDIR: { code: 'not-a-file', text: 'expected a file, got a folder; choose a file' },
  EEXIST: { code: 'already-exists', text: 'expected a free name, got one in use; choose another name' },
  ENOTEMPTY: { code: 'already-exists', text: 'expected an empty folder, got one with files; choose another name' },
  ENAMETOOLONG: { code: 'name-too-long', text: 'expected a shorter name, got one over the limit; shorten it' },
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  EBUSY: busy,
  ETXTBSY: busy,
  EIO: failedRead,
  ENXIO: failedRead,
  ENOMEM: outOfMemory,
  EADDRINUSE: { code: 'port-in-use', text: 'expected a free port, got one in use; choose another port' },
  ECONNREFUSED: { code: 'network', text: 'expected an answer, got a refused connection; check the address' },
  ECONNRESET: { code: 'network', text: 'expected an answer, got a closed connection; try again' },
  ENOTFOUND: { code: 'network', text: 'expected a known host, got none of that name; check the network and the name' },
  ETIMEDOUT: { code: 'network', text: 'expected an answer, got none in time; check the network and try again' },
  EPIPE: { code: 'closed', text: 'expected a listening process, got a closed pipe; start it again' },
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code)
}

/** The system refuses reading and writing with the same codes; only the caller knows which it was. */
export type Access = 'read' | 'write'

/** A system error as a HostError that names the place. Unknown codes keep the system's own words. */
export function fromSystemError(
  error: NodeJS.ErrnoException & { code: string },
  where: string,
  access: Access = 'write',
): HostError {
  const known = SYSTEM_FAULTS[error.code] ?? {
    code: 'system',
    text: `expected the system to allow this, got ${firstLine(error.message)}; check the file and try again`,
  }
  const fault = known === notWritable && access === 'read' ? notReadable : known
  const details = { systemCode: error.code, ...(error.path === undefined ? {} : { path: error.path }) }
  return new HostError(fault.code, `${where}: ${fault.text}`, details, { cause: error })
}

/** Runs `action`, and gives the system errors that escape from it the name of the file that they are about. */
export async function naming<T>(path: string, access: Access, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw isSystemError(error) ? fromSystemError(error, path, access) : error
  }
}

/** A message without what follows it: stacks, quoted sources. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? ''
}
