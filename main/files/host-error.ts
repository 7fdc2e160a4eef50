/**
 * An error of the machine around the engine: files, folders, memory. Like the engine's error it has a stable code, a
 * message of the form *where: expected X, got Y; what to do*, and details that are plain JSON.
 */
export class HostError extends Error {
  override readonly name = 'HostError'
  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
