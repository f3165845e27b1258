import { optionalSignal } from './abort.js'
import { type Body, bytes } from './body.js'
import { kindOf, optionalText, options as checked, text } from './check.js'
import { calling, dressed, invalidArgument } from './errors.js'
import { Event } from './event.js'
import { HeaderReader, type HeaderValues, type RequestHeaders } from './headers.js'
import { EventJobs, Events } from './inbox/events.js'
import { type EventHandler, Runner } from './inbox/handlers.js'
import {
  EVENT_NOTICE_KINDS,
  type EventNotice,
  type EventNoticeCallback,
  type EventNoticeKind,
  eventNotice,
} from './inbox/notices.js'
import { type InboxOptions, settingsOf } from './inbox/options.js'
import { type InboxStats } from './inbox/stats.js'
import native = require('./native.js')
import { Listeners, reading } from './notices.js'
import { RetryPolicy } from './retry.js'
import { type WaitIdleOptions, type WaitOptions } from './sender.js'
import { answered, awaited, isFailure } from './sender/answer.js'
import { optionalMillis, seconds } from './time.js'
import { type VerifyOptions, Webhook } from './webhook.js'

/** An event that is stored, and will be handled whatever happens to the process. */
export interface Receipt {
  /** The event's id, or `sha256:` and the hash of the body where the provider gives none. */
  id: string
  /** Whether it was received before: then nothing was stored now, and it is not handled again. */
  duplicate: boolean
}

/**
 * A statement that stores an event: run it in a transaction of your own, on the database of the inbox. It gives true if
 * the event is new, and false for a duplicate.
 */
export interface Prepared {
  /** The event's id, or `sha256:` and the hash of the body where the provider gives none. */
  id: string
  /** The statement: `SELECT "hookseal_inbox".hookseal_receive($1, $2)`. */
  sql: string
  /** The function alone, for drivers that write parameters in another way. */
  function: string
  /** The first parameter, text: what the request says besides its body. */
  facts: string
  /** The second parameter, `bytea`: the body. */
  body: Uint8Array
}

export interface InboxReceiveOptions extends VerifyOptions, WaitOptions {}

/**
 * Receives events durably: what `receive` resolved for is handled, whatever happens to the process.
 *
 * Several processes may open one store: all of them may receive, and of those that were started one handles, or, with
 * PostgreSQL, they share out the events; when one ends or dies, others take over. An inbox does not keep the process
 * alive: what was not handled when it ends is when the store is opened again.
 */
export class Inbox implements AsyncDisposable {
  /** The log of what was received, and trying again. */
  readonly events: Events
  /** How far long jobs are. */
  readonly jobs: EventJobs
  /** What requests are verified with. */
  readonly webhook: Webhook
  /** How many bytes a body may have. */
  readonly maxBody: number
  readonly #native: native.Inbox
  readonly #headers: HeaderReader
  readonly #orderBy: OrderBy | undefined
  readonly #runner: Runner
  #listeners: Listeners<native.EventNotice, EventNotice> | undefined

  /**
   * `url` is `sqlite:path`, `postgres://user:password@host/database`, or `memory:` for one that forgets; a sender
   * needs another store, or in a database another schema, which it has by default.
   *
   * @throws ConfigError `invalid_argument`
   * @throws StoreError for a store that is locked, damaged, not writable, out of reach, a sender's or another
   * program's
   */
  constructor(url: string, webhook: Webhook, options?: InboxOptions) {
    const { retry, orderBy, ...rest } = checked(options)
    const settings = settingsOf(rest)
    const policy = retry === undefined ? undefined : RetryPolicy.native(retry)
    if (orderBy !== undefined && typeof orderBy !== 'function') {
      throw invalidArgument(`orderBy must be a function, not ${kindOf(orderBy)}.`)
    }
    const verifier = Webhook.native(webhook)
    this.#native = calling(() => new native.Inbox(text(url, 'url'), verifier, policy, settings))
    this.#headers = new HeaderReader(webhook.headerNames)
    this.#orderBy = orderBy
    this.#runner = new Runner(this.#native.timeout())
    this.webhook = webhook
    this.maxBody = this.#native.maxBody()
    this.events = new Events(this.#native)
    this.jobs = new EventJobs(this.#native)
  }

  /**
   * Has this handler run for events of these types: an exact one, `booking.*`, or `*` for all. It gets the event, and
   * which try it is. Whatever it throws, or its promise rejects with, is a failed try; `RetryIn` and `Discard` say
   * more. When its time is over, its signal is aborted; the event is tried again after its promise has settled.
   *
   * An event has one handler, the first that wants it. Register all before `start`: an event that has none in the
   * process that takes it up is discarded.
   *
   * @throws ConfigError `invalid_argument` for a pattern that makes no sense
   */
  on<Data = any>(pattern: string, handler: EventHandler<Data>): this {
    const begin = this.#runner.prepared(handler)
    calling(() => this.#native.register(text(pattern, 'pattern'), begin))
    return this
  }

  /**
   * Verifies a request, and stores its event unless it was received before. It is durable when this resolves: answer
   * 2xx then, also to a duplicate. Takes what `Webhook.verify` takes.
   *
   * @throws VerificationError if it is not to be trusted, or larger than `maxBody`; `code` says why
   * @throws StoreError if it cannot be stored; answer `httpStatus`, and the vendor tries again
   * @throws ConfigError `closed`; `invalid_argument` for a body that was parsed already
   * @throws the signal's reason if it is aborted meanwhile; the event may have been stored all the same
   */
  async receive(body: Body, headers: RequestHeaders, options?: InboxReceiveOptions): Promise<Receipt> {
    const { signal, ...rest } = checked(options)
    const until = optionalSignal(signal)
    const request = this.#read(body, headers, rest)
    let receive: (canceled?: native.Cancellation) => Promise<Receipt | native.Failure>
    if (this.#orderBy === undefined) {
      const { raw, at, values, url, method } = request
      receive = (canceled) => this.#native.receive(raw, at, values, url, method, canceled)
    } else {
      const { received, key } = this.#verified(request, this.#orderBy)
      receive = (canceled) => this.#native.keep(received, key, canceled)
    }
    return await awaited(until, receive, MAYBE_STORED)
  }

  /**
   * Verifies a request, and gives the statement that stores its event in a transaction of your own on the inbox's
   * PostgreSQL database: what you store in it and the event are both committed, or neither is. The event is handled
   * after the commit.
   *
   * @throws VerificationError as `receive`
   * @throws ConfigError `invalid_argument` for an inbox that is not in PostgreSQL
   */
  prepare(body: Body, headers: RequestHeaders, options?: VerifyOptions): Prepared {
    const request = this.#read(body, headers, checked(options))
    if (this.#orderBy === undefined) {
      const { raw, at, values, url, method } = request
      return calling(() => this.#native.prepare(raw, at, values, url, method))
    }
    const { received, key } = this.#verified(request, this.#orderBy)
    return calling(() => this.#native.prepareVerified(received, key))
  }

  /** The inbox in numbers. */
  async stats(): Promise<InboxStats> {
    return answered(() => this.#native.stats())
  }

  /** The inbox in numbers, as the text that Prometheus reads. */
  async prometheus(): Promise<string> {
    return answered(() => this.#native.prometheus())
  }

  /**
   * Calls back for every notice of this kind. Notices are stored, and acknowledged when the callback has returned
   * and its promise has resolved: if it throws or the process dies, it is called again with the same notice.
   */
  onNotice(kind: EventNoticeKind, callback: EventNoticeCallback): this {
    this.#listeners ??= new Listeners(
      calling(() => this.#native.notices()),
      eventNotice,
      EVENT_NOTICE_KINDS,
    )
    this.#listeners.add(kind, callback)
    return this
  }

  /**
   * The notices that nobody has acknowledged, and then those to come; each is acknowledged when the next one is
   * asked for. Ends when the inbox is closed. Use either this or `onNotice`: to acknowledge a notice is to
   * acknowledge those before it.
   */
  notices(options?: WaitOptions): AsyncGenerator<EventNotice, void, undefined> {
    const until = optionalSignal(checked(options).signal)
    return reading(
      calling(() => this.#native.notices()),
      eventNotice,
      until,
    )
  }

  /** Begins to handle, in the background; more calls change nothing. */
  async start(): Promise<void> {
    await answered(() => this.#native.start())
    started.add(this)
  }

  /**
   * Waits until no event is pending; false if that takes longer than `timeout`. With retries ahead, it can take days.
   *
   * @throws the signal's reason if it is aborted
   */
  async waitIdle(options?: WaitIdleOptions): Promise<boolean> {
    const { timeout, signal } = checked(options)
    const limit = timeout === undefined ? undefined : seconds(timeout, 'timeout')
    return awaited(optionalSignal(signal), (canceled) => this.#native.waitIdle(limit, canceled))
  }

  /**
   * Stops: nothing more is received, and handlers that run get ten seconds to end. What was not handled is when the
   * store is opened again. The signal ends the waiting, and not the stopping.
   *
   * @throws StoreError
   * @throws the signal's reason if it is aborted
   */
  async close(options?: WaitOptions): Promise<void> {
    const until = optionalSignal(checked(options).signal)
    const close = async () => {
      started.delete(this)
      const closed = await this.#native.close()
      this.#runner.end()
      return closed
    }
    await awaited(until, close, 'the inbox goes on closing')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #read(body: Body, headers: RequestHeaders, { now, url, method }: VerifyOptions): RawRequest {
    return {
      raw: bytes(body),
      at: optionalMillis(now, 'now') ?? Date.now(),
      values: this.#headers.read(headers),
      url: optionalText(url, 'url'),
      method: optionalText(method, 'method'),
    }
  }

  /** A verified request, and the key by which its event waits for others. */
  #verified(request: RawRequest, orderBy: OrderBy): Keyed {
    const { raw, at, values, url, method } = request
    const received = calling(() => this.#native.verify(raw, at, values, url, method))
    if (isFailure(received)) throw dressed(received)
    const key: unknown = orderBy(Event.received(received, raw))
    return { received, key: key === null ? undefined : optionalText(key, 'The key of orderBy') }
  }
}

type OrderBy = (event: Event<any>) => string | undefined

interface Keyed {
  received: native.ReceivedHandle
  key: string | undefined
}

/** A request as the core takes it. */
interface RawRequest {
  raw: Uint8Array
  at: number
  values: HeaderValues[]
  url: string | undefined
  method: string | undefined
}

/** Whoever started an inbox and kept no hold of it still wants it to handle. */
const started = new Set<Inbox>()

const MAYBE_STORED = 'it may have been stored all the same'
