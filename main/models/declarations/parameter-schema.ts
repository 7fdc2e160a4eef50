import type { Locale, MethodInfo, ParameterInfo } from '../../../preload/contract'
import { methodInfo } from './method-list'

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
export type JsonSchema = { [name: string]: Json }

/** What JSON Schema calls the types of a declaration. */
const types: Readonly<Record<ParameterInfo['type'], string>> = {
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  text: 'string',
  choice: 'string',
}

function propertyOf({ label, explanation, type, min, max, choices, default: value }: ParameterInfo, locale: Locale) {
  return {
    title: label[locale],
    description: explanation[locale],
    type: types[type],
    default: value,
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(choices && { enum: choices }),
  } satisfies JsonSchema
}

function schemaOf(info: MethodInfo, locale: Locale): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:graft:method:${info.id}`,
    title: info.name[locale],
    description: info.summary[locale],
    type: 'object',
    properties: Object.fromEntries(info.parameters.map((parameter) => [parameter.name, propertyOf(parameter, locale)])),
    additionalProperties: false,
  }
}

/**
 * What the parameters of a method may be, as JSON Schema (draft 2020-12): a form or an editor of anybody's can be made
 * of it. None is required, since each has a default.
 * @throws GraftError `invalid-argument` for a method that does not exist
 */
export function parameterSchema(id: string, locale: Locale): JsonSchema {
  return schemaOf(methodInfo(id), locale)
}
