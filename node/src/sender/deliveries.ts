import { kindOf, optionalText, options as checked } from '../check.js'
import { type ErrorCode, type HooksealError, dressed, invalidArgument } from '../errors.js'
import native = require('../native.js')
import { type Instant, date, millis, optionalMillis } from '../time.js'
import { answered } from './answer.js'
import { type Patterns, id as checkedId, optionalId, patterns } from './arguments.js'
import { type Job, job } from './jobs.js'
import { type Page, type PageOptions, page } from './page.js'

/** Where a delivery stands; the last three are its end. */
export type DeliveryStatus = 'pending' | 'held' | 'delivered' | 'failed' | 'canceled'

/** What a receiver answered, by the first digit. */
export type ResponseClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx'

/** Which deliveries; what is not given is any. */
export interface DeliveryFilter {
  /** The id of an endpoint. */
  endpoint?: number
  status?: DeliveryStatus
  /** Types of events. */
  type?: Patterns
  tenant?: string
  /** What the last answer was. */
  responseClass?: ResponseClass
  /** Made at or after this time. */
  since?: Instant
  /** Made before this time. */
  until?: Instant
}

export interface DeliveryListOptions extends DeliveryFilter, PageOptions {}

export interface RetryFilter {
  /** The id of an endpoint. */
  endpoint?: number
  tenant?: string
  /** Types of events. */
  type?: Patterns
}

/** A message's way to one endpoint, as the log shows it. */
export interface StoredDelivery {
  id: number
  /** The event's id. */
  message: string
  /** The message's number in the store. */
  messageKey: number
  type: string
  tenant?: string
  /** The endpoint's id. */
  endpoint: number
  status: DeliveryStatus
  /** What made it: an event, somebody who asked for it once more, or a test. */
  trigger: 'event' | 'manual' | 'test'
  /** The delivery that this one repeats, for manual ones. */
  parent?: number
  attemptCount: number
  /** When the next attempt is due, while it is pending or held. */
  due?: Date
  createdAt: Date
  /** When it came to its end. */
  doneAt?: Date
  /** The last response's status code. */
  responseCode?: number
  /** Why the last attempt got no response. */
  errorCode?: ErrorCode
  /** How long the last attempt took. */
  durationMs?: number
}

/** A delivery with what was sent and what came back. */
export interface DeliveryDetail extends StoredDelivery {
  /** In order. */
  attempts: StoredAttempt[]
  /** The bytes that were sent, unless they were expunged or too old to be kept. */
  body: Uint8Array | undefined
}

/** One HTTP request and its outcome, as the log shows it. */
export interface StoredAttempt {
  /** Which attempt of its delivery it was, from 1. */
  number: number
  startedAt: Date
  durationMs: number
  /** Whether the receiver answered 2xx. */
  succeeded: boolean
  /** The status code, if the receiver got as far as answering. */
  responseCode?: number
  /** Why there is no complete response; `lost` if the attempt was cut short by the end of the process. */
  error?: HooksealError
  errorCode?: ErrorCode
  /** The beginning of the response's body, as it came. */
  responseBody: Uint8Array
  /** Whether the body went on. */
  responseTruncated: boolean
  responseHeaders: [name: string, value: string][]
  /** The headers that were sent; values of the endpoint's own headers are redacted. */
  requestHeaders: [name: string, value: string][]
}

/** Deliveries of a sender: the log, and delivering once more. */
export class Deliveries {
  readonly #native: native.Sender

  /** @internal */
  constructor(sender: native.Sender) {
    this.#native = sender
  }

  /** Deliveries, newest first. */
  async list(options?: DeliveryListOptions): Promise<Page<StoredDelivery>> {
    const filter = filterOf(checked(options))
    return page(
      options,
      (cursor, limit) => answered(() => this.#native.listDeliveries(filter, cursor, limit)),
      stored,
    )
  }

  /**
   * A delivery with its attempts and the body they sent.
   *
   * @throws ConfigError `not_found`
   */
  async get(id: number): Promise<DeliveryDetail> {
    const found = await answered(() => this.#native.delivery(checkedId(id, 'id')))
    return { ...stored(found.delivery), attempts: found.attempts.map(storedAttempt), body: found.body }
  }

  /**
   * Delivers once more, now: the same bytes and id under a fresh signature. One that has ended is repeated as a new
   * delivery; of a pending one the next attempt is pulled forward. Returns the id of the delivery that does it.
   *
   * @throws ConfigError `not_found`; `conflict` if the body is gone or the endpoint is disabled or deleted
   */
  async retry(id: number): Promise<number> {
    return answered(() => this.#native.retryDelivery(checkedId(id, 'id')))
  }

  /** Delivers again what failed at or after `since`, in the background; `jobs.get` tells how far it is. */
  async retryFailed(since: Instant, filter?: RetryFilter): Promise<Job> {
    const { endpoint, tenant, type } = checked(filter)
    const [from, whose] = [millis(since, 'since'), optionalText(tenant, 'tenant')]
    const [where, types] = [optionalId(endpoint, 'endpoint'), patterns(type, 'type') ?? []]
    return job(await answered(() => this.#native.retryFailed(from, where, whose, types)))
  }

  /** Cancels a delivery that is pending or held. False if it was at its end. */
  async cancel(id: number): Promise<boolean> {
    return answered(() => this.#native.cancelDelivery(checkedId(id, 'id')))
  }
}

/** @internal */
export function filterOf(filter: DeliveryFilter): native.DeliveryFilter {
  const { endpoint, status, type, tenant, responseClass, since, until } = filter
  return {
    endpoint: optionalId(endpoint, 'endpoint'),
    status: optionalText(status, 'status'),
    types: patterns(type, 'type') ?? [],
    tenant: optionalText(tenant, 'tenant'),
    responseClass: responseClass === undefined ? undefined : firstDigit(responseClass),
    since: optionalMillis(since, 'since'),
    until: optionalMillis(until, 'until'),
  }
}

/** @internal */
export function storedAttempt(attempt: native.StoredAttempt): StoredAttempt {
  const error = attempt.error && (dressed(attempt.error) as HooksealError)
  return { ...attempt, startedAt: new Date(attempt.startedAt), error, errorCode: error?.code }
}

function stored(delivery: native.StoredDelivery): StoredDelivery {
  const { errorCode, due, createdAt, doneAt } = delivery
  return {
    ...delivery,
    errorCode: errorCode as ErrorCode | undefined,
    due: date(due),
    createdAt: new Date(createdAt),
    doneAt: date(doneAt),
  }
}

function firstDigit(responseClass: unknown): number {
  if (typeof responseClass === 'string' && /^[1-5]xx$/.test(responseClass)) return Number(responseClass[0])
  const given = typeof responseClass === 'string' ? 'another string' : kindOf(responseClass)
  throw invalidArgument(`responseClass must be '1xx', '2xx', '3xx', '4xx' or '5xx', not ${given}.`)
}
