import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { splitFailure, toFailure } from '../../../renderer/lib/failure'

describe('toFailure', () => {
  it('hands on what the service said', () => {
    const data = { code: 'disk-full', message: 'runs: expected room, got none; free some' }
    expect(toFailure(new ORPCError('FAILURE', { defined: true, status: 422, data }))).toEqual(data)
  })
  it('knows a refused page from a service that is not there', () => {
    expect(toFailure(new ORPCError('UNAUTHORIZED', { status: 401 })).code).toBe('not-allowed')
    expect(toFailure(new TypeError('Failed to fetch')).code).toBe('connection-lost')
  })
  it('keeps the words of anything else', () => {
    expect(toFailure(new Error('odd'))).toEqual({ code: 'unexpected', message: 'odd' })
    expect(toFailure('odder')).toEqual({ code: 'unexpected', message: 'odder' })
    expect(toFailure(new ORPCError('INTERNAL_SERVER_ERROR')).code).toBe('unexpected')
  })
})

describe('splitFailure', () => {
  it('parts what happened from what to do', () => {
    expect(splitFailure('a.csv: expected rows, got none; choose another file')).toEqual({
      what: 'a.csv: expected rows, got none',
      advice: 'choose another file',
    })
  })
  it('takes a message without advice whole', () => {
    expect(splitFailure('something else')).toEqual({ what: 'something else', advice: '' })
  })
})
