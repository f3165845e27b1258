import { type StoredAttempt } from './deliveries.js'

export interface TestOptions {
  /** The type of event for a test of one endpoint; the provider's choice if not given. */
  type?: string
  /** The event's data; the catalog's example if not given. */
  data?: unknown
  /** Whose endpoints besides those of all tenants, for a test of a type. */
  tenant?: string
  /** Ends the waiting; the test may have been sent. */
  signal?: AbortSignal
}

/** What came of a test at one endpoint. */
export interface TestResult {
  /** The endpoint's id. */
  endpoint: number
  /** The delivery's id. */
  delivery: number
  /** Whether the receiver accepted it. */
  delivered: boolean
  /** Absent if no process delivered it in time. */
  attempt: StoredAttempt | undefined
}
