import native = require('./native.js')

/** The stable codes of all errors, the same in every language. */
export type ErrorCode =
  | 'missing_header'
  | 'malformed_header'
  | 'signature_mismatch'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'malformed_timestamp'
  | 'duplicate_event'
  | 'event_in_progress'
  | 'invalid_payload'
  | 'request_too_large'
  | 'invalid_secret'
  | 'unknown_provider'
  | 'invalid_provider'
  | 'invalid_argument'
  | 'invalid_url'
  | 'conflict'
  | 'not_found'
  | 'closed'
  | 'payload_too_large'
  | 'unknown_event_type'
  | 'blocked_address'
  | 'dns_failed'
  | 'connect_failed'
  | 'tls_failed'
  | 'timeout'
  | 'protocol_error'
  | 'canceled'
  | 'lost'
  | 'handler_failed'
  | 'no_handler'
  | 'discarded'
  | 'store_unavailable'
  | 'store_locked'
  | 'store_read_only'
  | 'store_full'
  | 'store_corrupt'
  | 'store_schema'
  | 'claim_lost'

/** Base of every error that Hookseal throws on purpose. */
export class HooksealError extends Error {
  /** What went wrong, for programs; `message` says it to people. */
  readonly code: ErrorCode

  /** How many seconds the peer is asked to wait before it comes back, where that is known. */
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, retryAfter?: number) {
    super(message)
    this.code = code
    this.retryAfter = retryAfter
  }

  /** The HTTP status to answer with, when a request that was received led to this error. */
  get httpStatus(): number {
    return statuses.get(this.code) ?? 500
  }

  static {
    this.prototype.name = 'HooksealError'
  }
}

/** A request that is not to be trusted; the only error that a stranger can cause. */
export class VerificationError extends HooksealError {
  /** What `explain` says, in development mode; never for the peer. */
  declare notes?: readonly string[]

  static {
    this.prototype.name = 'VerificationError'
  }
}

/** A mistake in how Hookseal was called or set up. */
export class ConfigError extends HooksealError {
  static {
    this.prototype.name = 'ConfigError'
  }
}

/** An attempt to deliver that failed. */
export class DeliveryError extends HooksealError {
  static {
    this.prototype.name = 'DeliveryError'
  }
}

/** The store of a sender or an inbox failed. */
export class StoreError extends HooksealError {
  static {
    this.prototype.name = 'StoreError'
  }
}

/** Every error code with one sentence on what it means. */
export const errors: Readonly<Record<ErrorCode, string>> = Object.freeze(
  Object.fromEntries(native.errorCodes().map(({ code, sentence }) => [code, sentence])) as Record<
    ErrorCode,
    string
  >,
)

/** @internal Runs what calls the addon; its errors come out as ours. */
export function calling<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw dressed(error)
  }
}

/** @internal The error of our class that an error of the addon stands for, or the error itself. */
export function dressed(error: unknown): unknown {
  const { code, message, retryAfter } = error as { code: ErrorCode; message: string; retryAfter?: number }
  const Class = classes.get(code)
  return Class === undefined ? error : new Class(code, message, retryAfter)
}

/** @internal */
export function invalidArgument(message: string): ConfigError {
  return new ConfigError('invalid_argument', message)
}

const statuses = new Map<string, number>(native.errorCodes().map(({ code, status }) => [code, status]))
const byName = { VerificationError, ConfigError, DeliveryError, StoreError }
const classes = new Map(
  native.errorCodes().map((row) => [row.code, byName[row.class as keyof typeof byName] ?? HooksealError]),
)
