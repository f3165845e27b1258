import { count, kindOf } from '../check.js'
import { invalidArgument } from '../errors.js'
import type { Event } from '../event.js'
import native = require('../native.js')
import type { RetryPolicy } from '../retry.js'
import { seconds } from '../time.js'
import { type Tolerance, limits } from '../webhook.js'

export interface InboxOptions {
  /** The most handlers that run at once in this process; 64 if not given. */
  concurrency?: number
  /** How many seconds a try may take; 60 if not given. */
  timeout?: number
  /** When to try again; 8 times in about 21 hours if not given. */
  retry?: RetryPolicy
  /** How long things are kept: the usual times (true), for ever (false), or some times of your own. */
  retention?: boolean | EventRetention
  /**
   * The key of an event, if it has one: those of one key are handled one after the other, in the order in which they
   * were received.
   */
  orderBy?: (event: Event<any>) => string | undefined
  /** How old or how far ahead a timestamp may be, in seconds; the webhook's word if not given. */
  tolerance?: Tolerance
  /** The largest body in bytes; 1 MiB if not given. */
  maxBody?: number
}

/** How long things are kept, in seconds from when the event was handled. */
export interface EventRetention {
  /** Tries: 30 days. */
  tries?: number
  /** Bodies: 30 days. */
  bodies?: number
  /** Events: 30 days. */
  events?: number
  /** Ids that are not received twice, at least as long as the provider may send them again: 30 days. */
  ids?: number
}

/** @internal */
export function settingsOf(options: Omit<InboxOptions, 'retry' | 'orderBy'>): native.InboxOptions {
  const { concurrency, timeout, retention, tolerance, maxBody } = options
  return {
    concurrency: concurrency === undefined ? undefined : count(concurrency, 'concurrency'),
    timeout: timeout === undefined ? undefined : seconds(timeout, 'timeout'),
    retention: retention === undefined ? undefined : retentionOf(retention),
    ...limits(tolerance),
    maxBody: maxBody === undefined ? undefined : count(maxBody, 'maxBody'),
  }
}

function retentionOf(retention: unknown): boolean | native.EventRetention {
  if (typeof retention === 'boolean') return retention
  if (typeof retention !== 'object' || retention === null || Array.isArray(retention)) {
    throw invalidArgument(`retention must be true, false or an object, not ${kindOf(retention)}.`)
  }
  const entries = Object.entries(retention).filter(([, span]) => span !== undefined)
  const unknown = entries.find(([name]) => !['tries', 'bodies', 'events', 'ids'].includes(name))
  if (unknown !== undefined) throw invalidArgument('What is kept are tries, bodies, events and ids.')
  return Object.fromEntries(entries.map(([name, span]) => [name, seconds(span, `retention.${name}`)]))
}
