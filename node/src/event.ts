import { type Body, bytes } from './body.js'
import { kindOf, optionalText, options as checked } from './check.js'
import { VerificationError, calling, invalidArgument } from './errors.js'
import native = require('./native.js')
import { Composed, type Source, Verified } from './source.js'
import { type Instant, date, optionalMillis } from './time.js'

/** What is known about an event that was verified by other means. */
export interface TrustedFacts {
  /** The event's id, the same on every delivery of it. */
  id?: string
  type?: string
  /** When it happened. */
  timestamp?: Instant
  /** The customer, team or organisation that it belongs to. */
  tenant?: string
  /** Where in the JSON of the body the data are, such as `detail.data`; the whole body if not given. */
  data?: string
}

/** A webhook's event: what `verify` returns, and what a provider makes to be delivered. */
export class Event<Data = unknown, Type extends string | undefined = string | undefined> {
  /** The raw body, byte by byte as it was signed: the caller's own. */
  readonly body: Uint8Array
  /** Which of the secrets it was signed with; 0 is the newest. */
  readonly keyIndex: number
  readonly #source: Source
  #data: { value: Data } | undefined
  #payload: { value: unknown } | undefined

  private constructor(source: Source, body: Uint8Array) {
    this.body = body
    this.keyIndex = source.keyIndex
    this.#source = source
  }

  /**
   * An event of a request that you have verified yourself, by other means than a `Webhook`: a certificate, a JWT.
   * Nothing is checked here, and the body is copied.
   *
   * @throws ConfigError `invalid_argument` if `data` is no path
   */
  static trusted<Data = unknown>(body: Body, facts?: TrustedFacts): Event<Data> {
    const { id, type, timestamp, tenant, data } = checked(facts)
    const event = calling(() =>
      native.Event.trusted(bytes(body), {
        id: optionalText(id, 'id'),
        eventType: optionalText(type, 'type'),
        timestamp: optionalMillis(timestamp, 'timestamp'),
        tenant: optionalText(tenant, 'tenant'),
        data: optionalText(data, 'data'),
      }),
    )
    return Event.composed(event)
  }

  /** The event's id, the same on every delivery of it, if the provider gives one. */
  get id(): string | undefined {
    return this.#source.text('id')
  }

  /** The event's type, such as `booking.created`, if the request says. */
  get type(): Type {
    return this.#source.text('type') as Type
  }

  /** When the event happened or, if it does not say, when the request was signed. */
  get timestamp(): Date | undefined {
    return date(this.#source.timestamp())
  }

  /** The customer, team or organisation that the event belongs to, where the provider names one. */
  get tenant(): string | undefined {
    return this.#source.text('tenant')
  }

  /**
   * The event's data, taken out of its envelope.
   *
   * @throws VerificationError `invalid_payload` if the body is not JSON or has no data
   */
  get data(): Data {
    this.#data ??= { value: this.#parse('data') as Data }
    return this.#data.value
  }

  /**
   * The whole body as JSON, envelope included.
   *
   * @throws VerificationError `invalid_payload` if the body is not JSON
   */
  get payload(): unknown {
    this.#payload ??= { value: this.#parse('payload') }
    return this.#payload.value
  }

  /** @internal */
  static verified<Data>(
    webhook: native.WebhookHandle,
    body: Uint8Array,
    now: number,
    headers: native.HeaderLists,
    url: string | undefined,
    method: string | undefined,
  ): Event<Data> {
    return new Event(new Verified(webhook, body, now, headers, url, method), body)
  }

  /** @internal An event that an inbox has verified; `body` is the caller's own. */
  static received<Data>(received: native.ReceivedHandle, body: Uint8Array): Event<Data> {
    const event = native.eventOfReceived(received)
    return new Event(new Composed(event, event.keyIndex()), body)
  }

  /** @internal */
  static composed<Data>(event: native.Event): Event<Data> {
    return new Event(new Composed(event), event.body())
  }

  /** @internal */
  static native(event: unknown): native.Event {
    if (event instanceof Event) return calling(() => event.#source.event())
    throw invalidArgument(`The event must be an Event, not ${kindOf(event)}.`)
  }

  #parse(part: 'data' | 'payload'): unknown {
    const facts = this.#source.facts()
    const [start, end] = facts[part]
    if (end === 0) throw new VerificationError('invalid_payload', facts.fault ?? 'The body is empty.')
    return JSON.parse(this.#source.body().toString('utf8', start, end))
  }
}

/** An event of which the data is known by its type. */
export type TypedEvent<Type extends string, Data> = Event<Data, Type>

/**
 * What stands for the types that a catalog does not list: texts like others, which TypeScript cannot tell from those
 * that it lists unless they are of an enum.
 */
export declare enum Unlisted {
  Type = 'unlisted',
}

/** An event of a type that a catalog does not list, or of none. */
export type UnlistedEvent = Event<unknown, Unlisted | undefined>
