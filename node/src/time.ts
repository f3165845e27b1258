import { kindOf } from './check.js'
import { invalidArgument } from './errors.js'

/** A moment: a `Date`, or seconds since 1970 as webhooks count them. */
export type Instant = Date | number

/** @internal Milliseconds since 1970. */
export function millis(value: unknown, name: string): number {
  const at = value instanceof Date ? value.getTime() : typeof value === 'number' ? value * 1000 : undefined
  if (at === undefined)
    throw invalidArgument(`${name} must be a Date or seconds since 1970, not ${kindOf(value)}.`)
  if (!(at >= 0 && at < YEAR_10000)) {
    throw invalidArgument(
      `${name} must lie in the years 1970 to 9999; numbers are seconds since 1970, not milliseconds.`,
    )
  }
  return at
}

/** @internal */
export function optionalMillis(value: unknown, name: string): number | undefined {
  return value === undefined ? undefined : millis(value, name)
}

/** @internal A length of time in seconds, zero or more. */
export function seconds(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value <= LONGEST) return value
  const given = typeof value === 'number' ? value : kindOf(value)
  throw invalidArgument(`${name} must be a number of seconds, zero or more, not ${given}.`)
}

/** @internal */
export function date(at: number | null | undefined): Date | undefined {
  return at == null ? undefined : new Date(at)
}

const YEAR_10000 = 253_402_300_800_000
const LONGEST = Number.MAX_SAFE_INTEGER
