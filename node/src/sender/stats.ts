import { type Instant } from '../time.js'

export interface UsageOptions {
  tenant?: string
  /** From this time; from the beginning if not given. */
  since?: Instant
  /** Until before this time; to the end if not given. */
  until?: Instant
}

/** What successful deliveries cost. */
export interface Usage {
  /** Successful deliveries that cost something. */
  deliveries: number
  credits: number
}

/** The sender in numbers: counters since it was opened, and gauges of this moment. */
export interface Stats {
  /** Messages that were stored. */
  sent: number
  /** Messages that were there already. */
  duplicates: number
  /** Attempts that were answered 2xx. */
  attemptsSucceeded: number
  /** Attempts that were not. */
  attemptsFailed: number
  /** Deliveries that succeeded. */
  delivered: number
  /** Deliveries that failed for good. */
  failed: number
  /** Failed attempts that are tried again. */
  retried: number
  /** Endpoints that were disabled by failures or by their receiver. */
  disabled: number
  /** Commits of the store, and … */
  commits: number
  /** … operations in them. */
  committed: number
  /** Commits that failed. */
  commitErrors: number
  /** Requests on their way now. */
  inFlight: number
  /** Attempts that ended and whose outcome is not stored yet. */
  unsettled: number
  /** Operations that wait for their commit. */
  queued: number
  /** Deliveries in the store that wait for an attempt. */
  pending: number
  /** Deliveries in the store that are held because their endpoint is disabled. */
  held: number
  /** Whether this process is the one that delivers. */
  dispatching: boolean
}
