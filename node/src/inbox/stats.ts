/** The inbox in numbers: counters since it was opened, and gauges of this moment. */
export interface InboxStats {
  /** Events that were stored. */
  received: number
  /** Events that had been received before. */
  duplicates: number
  /** Tries that succeeded. */
  triesSucceeded: number
  /** Tries that did not. */
  triesFailed: number
  /** Events that were handled. */
  handled: number
  /** Events that failed for good. */
  failed: number
  /** Events that a handler discarded, or that had none. */
  discarded: number
  /** Failed tries that are repeated. */
  retried: number
  /** Commits of the store, and … */
  commits: number
  /** … operations in them. */
  committed: number
  /** Commits that failed. */
  commitErrors: number
  /** Handlers that run now. */
  inFlight: number
  /** Tries that ended and whose outcome is not stored yet. */
  unsettled: number
  /** Operations that wait for their commit. */
  queued: number
  /** Events in the store that wait to be handled. */
  pending: number
  /** Whether this process handles events. */
  handling: boolean
}
