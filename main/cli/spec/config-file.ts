import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { runSpecSchema } from '../../../preload/contract'
import { CliError, usageError } from '../exit'
import { nearestName } from './nearest-name'
import { isTree, type Tree } from './tree'

/** A run's settings in a file: JSON in the shape of a run's spec.json, of which everything may be left out. */
export interface ConfigFile {
  readonly name: string
  readonly tree: Tree
}

const schema = z.toJSONSchema(runSpecSchema, { io: 'input', unrepresentable: 'any' }) as Tree

/** When the run was created stands in its spec.json too; for a new run it means nothing. */
const passedOver = new Set(['createdAt'])

/** The names that a part of the schema knows; undefined where any name will do. */
function knownNames(node: unknown): Map<string, unknown> | undefined {
  if (!isTree(node)) return undefined
  const parts = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => (Array.isArray(node[key]) ? node[key] : []))
  const all = [node['properties'], ...parts.map(knownNames)].filter((part) => part !== undefined)
  if (all.length === 0) return undefined
  return new Map(all.flatMap((part) => (part instanceof Map ? [...part] : Object.entries(part as Tree))))
}

/** A sentence for every name that means nothing, with the one that was probably meant. */
function unknownNames(tree: Tree, node: unknown, path: string): string[] {
  const known = knownNames(node)
  if (!known) return []
  return Object.entries(tree).flatMap(([key, value]) => {
    const at = path + key
    if (known.has(key)) return isTree(value) ? unknownNames(value, known.get(key), `${at}.`) : []
    if (passedOver.has(at)) return []
    const meant = nearestName(key, known.keys())
    const advice = meant ? `did you mean "${meant}"?` : `known are ${[...known.keys()].join(', ')}`
    return [`${at}: unknown; ${advice}`]
  })
}

function parse(name: string, text: string): Tree {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw usageError(`${name}: expected JSON, got something else (${error instanceof Error ? error.message : error})`)
  }
  if (isTree(value)) return value
  throw usageError(`${name}: expected a JSON object with the settings of a run, got ${JSON.stringify(value)}`)
}

/**
 * Reads a config file; its values are judged later, together with the options that overrule them.
 * @throws CliError `not-found`; usage for what is no JSON object, and for all unknown names in one message
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const name = basename(path)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) {
    const message = `config "${path}": expected a JSON file with the settings of a run, got none; check the path`
    throw new CliError({ code: 'not-found', message })
  }
  const tree = parse(name, text.replace(/^\uFEFF/, ''))
  const unknown = unknownNames(tree, schema, '')
  if (unknown.length > 0) throw usageError(`${name}: ${unknown.join('; ')}`)
  return { name, tree }
}
