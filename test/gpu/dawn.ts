import { createRequire } from 'node:module'
import { resolve } from 'node:path'

interface Dawn {
  readonly create: (flags: string[]) => unknown
}

/** Stands in for the package webgpu in the bundle: its addon alone, from GRAFT_DAWN or beside the bundle. */
const addon = process.env['GRAFT_DAWN'] ?? resolve(import.meta.dirname, 'dawn.node')
export const { create } = createRequire(import.meta.url)(addon) as Dawn
