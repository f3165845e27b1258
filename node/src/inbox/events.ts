import type { Writable } from 'node:stream'

import { optionalSignal } from '../abort.js'
import { optionalText, options as checked, text } from '../check.js'
import { type ErrorCode, type HooksealError, calling, dressed } from '../errors.js'
import native = require('../native.js')
import { answered } from '../sender/answer.js'
import { type Patterns, id as checkedId, patterns } from '../sender/arguments.js'
import { exported } from '../sender/export.js'
import { type Job, job } from '../sender/jobs.js'
import { type Page, type PageOptions, page } from '../sender/page.js'
import { type Instant, date, millis, optionalMillis } from '../time.js'

/** Where an event stands; the last three are its end. */
export type EventStatus = 'pending' | 'handled' | 'failed' | 'discarded'

/** Which events; what is not given is any. */
export interface EventFilter {
  status?: EventStatus
  /** Types of events. */
  type?: Patterns
  tenant?: string
  /** Received, or retried by hand, at or after this time. */
  since?: Instant
  /** Received, or retried by hand, before this time. */
  until?: Instant
}

export interface EventListOptions extends EventFilter, PageOptions {}

export interface EventExportOptions extends EventFilter {
  /** Ends the writing. */
  signal?: AbortSignal
}

/** An event as the log shows it. */
export interface StoredEvent {
  /** The event's id, or `sha256:` and the hash of the body where the provider gives none. */
  id: string
  /** The event's type; empty if it has none. */
  type: string
  /** Whose event it is, where the provider says. */
  tenant?: string
  status: EventStatus
  /** How many tries there were, since it was last retried by hand. */
  tryCount: number
  /** When the next try is due, while it is pending. */
  nextTry?: Date
  receivedAt: Date
  /** When it was handled, failed or discarded. */
  doneAt?: Date
  /** Why the last try failed. */
  errorCode?: ErrorCode
}

/** An event with its tries. */
export interface EventDetail extends StoredEvent {
  /** When it happened, as far as the provider says; else when it was received. */
  timestamp: Date
  /** In order. */
  tries: StoredTry[]
  /** The exact bytes that were received, unless they were expunged or too old to be kept. */
  body: Uint8Array | undefined
}

/** One try to handle an event, as the log shows it. */
export interface StoredTry {
  /** Which one, from 1; it begins anew with every retry by hand. */
  number: number
  startedAt: Date
  durationMs: number
  /** Whether the handler has handled it. */
  succeeded: boolean
  /** Why it failed, in the handler's own words. */
  error?: HooksealError
  /** `handler_failed`, `timeout`, `discarded`, `no_handler`, or `lost` if the process ended. */
  errorCode?: ErrorCode
}

/** Events of an inbox: the log of what was received, and trying again. An event is named by its id. */
export class Events {
  readonly #native: native.Inbox

  /** @internal */
  constructor(inbox: native.Inbox) {
    this.#native = inbox
  }

  /** Events, newest first. */
  async list(options?: EventListOptions): Promise<Page<StoredEvent>> {
    const filter = filterOf(checked(options))
    return page(
      options,
      (cursor, limit) => answered(() => this.#native.listEvents(filter, cursor, limit)),
      stored,
    )
  }

  /**
   * An event with its tries and its body.
   *
   * @throws ConfigError `not_found`
   */
  async get(id: string): Promise<EventDetail> {
    const { event, timestamp, tries, body } = await answered(() => this.#native.event(text(id, 'id')))
    return { ...stored(event), timestamp: new Date(timestamp), tries: tries.map(storedTry), body }
  }

  /**
   * Has an event handled once more, whatever became of it, with all the tries of the policy. Of one that is pending
   * the next try is pulled forward.
   *
   * @throws ConfigError `not_found`; `conflict` if its body is gone
   */
  async retry(id: string): Promise<void> {
    await answered(() => this.#native.retryEvent(text(id, 'id')))
  }

  /** Retries what failed at or after `since`, in the background; `jobs.get` tells how far it is. */
  async retryFailed(since: Instant, filter?: Pick<EventFilter, 'type'>): Promise<Job> {
    const { type } = checked(filter)
    const [from, types] = [millis(since, 'since'), patterns(type, 'type') ?? []]
    return job(await answered(() => this.#native.retryFailed(from, types)))
  }

  /** Ends an event that is pending: it is not tried any more. False if it was at its end. */
  async discard(id: string): Promise<boolean> {
    return answered(() => this.#native.discardEvent(text(id, 'id')))
  }

  /**
   * Deletes what an event says, and discards it if it is pending. Its id stays known. False if its body was gone
   * already.
   */
  async expunge(id: string): Promise<boolean> {
    return answered(() => this.#native.expungeEvent(text(id, 'id')))
  }

  /**
   * Writes events with their tries as JSON lines, newest first, to a file or a stream, and tells how many. A stream
   * is not ended.
   *
   * @throws ConfigError `invalid_argument` if the file cannot be written
   */
  async export(to: string | URL | Writable, options?: EventExportOptions): Promise<number> {
    const { signal, ...filter } = checked(options)
    const until = optionalSignal(signal)
    const log = calling(() => this.#native.export(filterOf(filter)))
    return exported(log, to, until)
  }
}

/** Long jobs of an inbox. */
export class EventJobs {
  readonly #native: native.Inbox

  /** @internal */
  constructor(inbox: native.Inbox) {
    this.#native = inbox
  }

  /**
   * How far a job is.
   *
   * @throws ConfigError `not_found`
   */
  async get(id: number): Promise<Job> {
    return job(await answered(() => this.#native.job(checkedId(id, 'id'))))
  }
}

function filterOf(filter: EventFilter): native.EventFilter {
  const { status, type, tenant, since, until } = filter
  return {
    status: optionalText(status, 'status'),
    types: patterns(type, 'type') ?? [],
    tenant: optionalText(tenant, 'tenant'),
    since: optionalMillis(since, 'since'),
    until: optionalMillis(until, 'until'),
  }
}

function stored(event: native.StoredEvent): StoredEvent {
  const { nextTry, receivedAt, doneAt, errorCode } = event
  return {
    ...event,
    nextTry: date(nextTry),
    receivedAt: new Date(receivedAt),
    doneAt: date(doneAt),
    errorCode: errorCode as ErrorCode | undefined,
  }
}

function storedTry(one: native.StoredTry): StoredTry {
  const error = one.error && (dressed(one.error) as HooksealError)
  return {
    ...one,
    startedAt: new Date(one.startedAt),
    succeeded: error === undefined,
    error,
    errorCode: error?.code,
  }
}
