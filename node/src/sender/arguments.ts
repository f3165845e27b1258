import { kindOf, text } from '../check.js'
import { invalidArgument } from '../errors.js'
import native = require('../native.js')
import { Secret } from '../secret.js'

/** Types of events: `booking.created`, `booking.*` or `*`, one or several. */
export type Patterns = string | readonly string[]

/** @internal */
export function patterns(value: unknown, name: string): string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.map((pattern) => text(pattern, `A type of ${name}`))
  throw invalidArgument(`${name} must be a string or a list of strings, not ${kindOf(value)}.`)
}

/** @internal The number of something in the store. */
export function id(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw invalidArgument(
    `${name} must be a whole number, not ${typeof value === 'number' ? value : kindOf(value)}.`,
  )
}

/** @internal */
export function optionalId(value: unknown, name: string): number | undefined {
  return value === undefined ? undefined : id(value, name)
}

/** @internal One secret, and not several. */
export function optionalSecret(secret: unknown, name: string): native.Secret | undefined {
  if (secret === undefined) return undefined
  if (Array.isArray(secret)) throw invalidArgument(`${name} must be one string or Secret, not an array.`)
  return Secret.natives(secret)[0]
}
