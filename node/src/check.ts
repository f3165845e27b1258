import { invalidArgument } from './errors.js'

/** @internal What a value is, for messages; never what it holds, which may be secret. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'undefined') return 'undefined'
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** @internal */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw invalidArgument(`${name} must be a string, not ${kindOf(value)}.`)
}

/** @internal */
export function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : text(value, name)
}

/** @internal A finite number. */
export function number(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidArgument(`${name} must be a number, not ${kindOf(value)}.`)
}

/** @internal A whole number that fits the addon's 32 bits. */
export function count(value: unknown, name: string): number {
  const whole = number(value, name)
  if (Number.isInteger(whole) && whole >= 0 && whole <= 0xffff_ffff) return whole
  throw invalidArgument(`${name} must be a whole number from 0 to 4294967295, not ${whole}.`)
}

/** @internal */
export function flag(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value
  throw invalidArgument(`${name} must be true or false, not ${kindOf(value)}.`)
}

/** @internal The options of a call: an object, or nothing at all. */
export function options<T extends object>(value: T | undefined): Partial<T> {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalidArgument(`The options must be an object, not ${kindOf(value)}.`)
}
