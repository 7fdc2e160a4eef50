/** A file as the engine sees it: its size, and ranges of it. The host decides where the bytes come from. */
export interface ByteSource {
  /** What to call it in messages. */
  readonly name: string
  readonly size: number
  /** Fills `target` with the bytes from `offset` on. Throws where the source ends before. */
  read(offset: number, target: Uint8Array): Promise<void>
}

/** A folder of files, read by name. */
export interface FileSource {
  /** The file, or undefined where there is none. */
  open(name: string): Promise<ByteSource | undefined>
}

/** Where a writer's bytes go; the host makes it atomic (temporary name, flush, rename). */
export interface ByteSink {
  write(chunk: Uint8Array): Promise<void>
}
