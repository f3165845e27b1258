import { kindOf } from './check.js'
import { VerificationError, calling, dressed, invalidArgument } from './errors.js'
import native = require('./native.js')
import { date } from './time.js'

/** A webhook's event: what `verify` returns, and what a provider makes to be delivered. */
export class Event<Data = unknown> {
  /** The raw body, byte by byte as it was signed; it is not copied. */
  readonly body: Uint8Array
  /** Which of the secrets it was signed with; 0 is the newest. */
  readonly keyIndex: number
  readonly #source: Request | native.Event
  #facts: Facts | undefined
  #data: { value: Data } | undefined
  #payload: { value: unknown } | undefined

  private constructor(source: Request | native.Event, body: Uint8Array, keyIndex: number) {
    this.body = body
    this.keyIndex = keyIndex
    this.#source = source
  }

  /** The event's id, the same on every delivery of it, if the provider gives one. */
  get id(): string | undefined {
    return this.#read().id
  }

  /** The event's type, such as `booking.created`, if the request says. */
  get type(): string | undefined {
    return this.#read().type
  }

  /** When the event happened or, if it does not say, when the request was signed. */
  get timestamp(): Date | undefined {
    return date(this.#read().timestamp)
  }

  /** The customer, team or organisation that the event belongs to, where the provider names one. */
  get tenant(): string | undefined {
    return this.#read().tenant
  }

  /**
   * The event's data, taken out of its envelope.
   *
   * @throws VerificationError `invalid_payload` if the body is not JSON or has no data
   */
  get data(): Data {
    this.#data ??= { value: this.#parse(this.#read().data) as Data }
    return this.#data.value
  }

  /**
   * The whole body as JSON, envelope included.
   *
   * @throws VerificationError `invalid_payload` if the body is not JSON
   */
  get payload(): unknown {
    this.#payload ??= { value: this.#parse(this.#read().payload) }
    return this.#payload.value
  }

  /** @internal */
  static verified<Data>(request: Request): Event<Data> {
    return new Event(request, request.body, verify(request))
  }

  /** @internal */
  static composed<Data>(event: native.Event): Event<Data> {
    return new Event(event, event.body(), 0)
  }

  /** @internal */
  static native(event: unknown): native.Event {
    if (event instanceof Event) return eventOf(event.#source)
    throw invalidArgument(`The event must be an Event, not ${kindOf(event)}.`)
  }

  /** What the envelope says is looked up when something of it is asked for. */
  #read(): Facts {
    return (this.#facts ??= calling(() => factsOf(this.#source)))
  }

  #parse([start, end]: Span): unknown {
    if (end === 0) throw new VerificationError('invalid_payload', this.#read().fault ?? 'The body is empty.')
    const json = Buffer.from(this.body.buffer, this.body.byteOffset + start, end - start)
    return JSON.parse(json.toString('utf8'))
  }
}

/** What it takes to verify a request, and to look at it again. */
interface Request {
  webhook: native.WebhookHandle
  body: Uint8Array
  now: number
  headers: native.HeaderLists
  url: string | undefined
  method: string | undefined
}

interface Facts {
  id: string | undefined
  type: string | undefined
  timestamp: number | undefined
  tenant: string | undefined
  payload: Span
  data: Span
  /** Why there are no data. */
  fault: string | undefined
}

/** Where a part of the body begins and ends. */
type Span = readonly [start: number, end: number]

function verify({ webhook, body, now, headers, url, method }: Request): number {
  const verified =
    headers.length <= 3 && !headers.some(isSeveral) && url === undefined && method === undefined
      ? native.verify(webhook, body, now, ...(headers as (string | undefined)[]))
      : native.verifyWith(webhook, body, now, headers, url, method)
  if (typeof verified === 'number') return verified
  throw dressed(verified)
}

function isSeveral(values: native.HeaderLists[number]): boolean {
  return typeof values === 'object'
}

function factsOf(source: Request | native.Event): Facts {
  const facts = source instanceof native.Event ? source.facts() : factsOfVerified(source)
  const [id, type, timestamp, tenant, ...spans] = facts
  const [payloadStart, payloadEnd, dataStart, dataEnd, fault] = spans
  return {
    id: id ?? undefined,
    type: type ?? undefined,
    timestamp: timestamp ?? undefined,
    tenant: tenant ?? undefined,
    payload: [payloadStart, payloadEnd],
    data: [dataStart, dataEnd],
    fault: fault ?? undefined,
  }
}

function factsOfVerified({ webhook, body, now, headers, url, method }: Request): native.EventFacts {
  return native.factsOfVerified(webhook, body, now, headers, url, method)
}

function eventOf(source: Request | native.Event): native.Event {
  if (source instanceof native.Event) return source
  const { webhook, body, now, headers, url, method } = source
  return calling(() => native.eventOfVerified(webhook, body, now, headers, url, method))
}
