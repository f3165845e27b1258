import { Writable } from 'node:stream'

import { optionalSignal } from './abort.js'
import { kindOf, optionalText, options as checked, text } from './check.js'
import { type HooksealError, calling, dressed, invalidArgument } from './errors.js'
import { Event } from './event.js'
import native = require('./native.js')
import { Listeners, reading } from './notices.js'
import { Provider, json } from './provider.js'
import { answered, awaited, isFailure } from './sender/answer.js'
import { id, optionalSecret } from './sender/arguments.js'
import { Deliveries, type DeliveryFilter, filterOf, storedAttempt } from './sender/deliveries.js'
import { Endpoints } from './sender/endpoints.js'
import { exported } from './sender/export.js'
import { Jobs } from './sender/jobs.js'
import {
  type Message,
  Messages,
  type NewMessage,
  type SendOptions,
  dated,
  outgoing,
} from './sender/messages.js'
import {
  NOTICE_KINDS,
  type Notice,
  type NoticeCallback,
  type NoticeKind,
  noticeOf,
} from './sender/notices.js'
import { type SenderOptions, settingsOf } from './sender/options.js'
import { type Stats, type Usage, type UsageOptions } from './sender/stats.js'
import { type TestOptions, type TestResult } from './sender/trial.js'
import { optionalMillis, seconds } from './time.js'

export interface WaitOptions {
  /** Ends the waiting. */
  signal?: AbortSignal
}

export interface WaitIdleOptions extends WaitOptions {
  /** How many seconds to wait at most. */
  timeout?: number
}

export interface ExportOptions extends DeliveryFilter, WaitOptions {}

/**
 * Sends events durably: what `send` resolved for is delivered, whatever happens to the process.
 *
 * Several processes may open one store: all of them may send, and of those that were started one delivers, or, with
 * PostgreSQL, they share out the endpoints; when one ends or dies, others take over. A sender does not keep the
 * process alive: what was not delivered when it ends is when the store is opened again.
 */
export class Sender implements AsyncDisposable {
  /** Who gets events. */
  readonly endpoints: Endpoints
  /** The log, and delivering once more. */
  readonly deliveries: Deliveries
  /** How far long jobs are. */
  readonly jobs: Jobs
  /** What was sent. */
  readonly messages: Messages
  readonly #native: native.Sender
  #listeners: Listeners<native.Notice, Notice> | undefined

  /**
   * `url` is `sqlite:path`, `postgres://user:password@host/database`, or `memory:` for one that forgets.
   *
   * With PostgreSQL, parameters of the url set the schema, the most connections that read, and after how many seconds
   * others take the endpoints of one that is not heard of any more:
   * `?hookseal_schema=hookseal&hookseal_pool=4&hookseal_lease=15`, which are the defaults. The thread waits until the
   * database has answered.
   *
   * @throws ConfigError `invalid_argument`, `unknown_provider`; `invalid_secret` if the key is not the store's
   * @throws StoreError for a store that is locked, damaged, not writable, out of reach or another program's
   */
  constructor(url: string, options?: SenderOptions) {
    const { provider = 'standard', key, ...rest } = checked(options)
    const secret = optionalSecret(key, 'key')
    const settings = settingsOf(rest)
    this.#native = calling(
      () => new native.Sender(text(url, 'url'), Provider.native(provider), secret, settings),
    )
    this.endpoints = new Endpoints(this.#native)
    this.deliveries = new Deliveries(this.#native)
    this.jobs = new Jobs(this.#native)
    this.messages = new Messages(this.#native)
  }

  /**
   * Stores an event for every active endpoint that wants it; it is durable when this resolves. `data` is anything
   * that JSON can hold.
   *
   * @throws ConfigError `conflict` if there is a message of this id with another type or data;
   * `payload_too_large`, `unknown_event_type`, `invalid_argument`, `closed`
   * @throws StoreError
   * @throws the signal's reason if it is aborted meanwhile. The event may have been stored all the same, and is
   * delivered then; to send it with the same `id` again does no harm. A signal that was aborted before stores nothing.
   */
  async send(type: string, data: unknown, options?: SendOptions): Promise<Message> {
    const { signal, ...rest } = checked(options)
    const [until, message] = [optionalSignal(signal), outgoing({ ...rest, type, data })]
    return dated(await awaited(until, (canceled) => this.#native.send(message, canceled), MAYBE_STORED))
  }

  /**
   * Stores many events in few commits. Each has a result of its own, in the same order: a message, or the error
   * why it was not stored.
   *
   * @throws the signal's reason if it is aborted meanwhile: as for `send`, any of them may have been stored
   */
  async sendMany(
    messages: Iterable<NewMessage>,
    options?: WaitOptions,
  ): Promise<(Message | HooksealError)[]> {
    const until = optionalSignal(checked(options).signal)
    if (typeof messages !== 'object' || messages === null || !(Symbol.iterator in messages)) {
      throw invalidArgument(`The messages must be a list of objects, not ${kindOf(messages)}.`)
    }
    const all = Array.from(messages, outgoing)
    const results = await awaited(until, (canceled) => this.#native.sendMany(all, canceled), MAYBE_STORED)
    return results.map((sent) => (isFailure(sent) ? (dressed(sent) as HooksealError) : dated(sent)))
  }

  /**
   * Sends a test now, once: to the endpoint of this id, or to every active endpoint that wants this type of event.
   * Tests are logged, and count for nothing else.
   *
   * @throws ConfigError `not_found`; `invalid_argument` if the catalog has no example and there is no data
   * @throws the signal's reason if it is aborted meanwhile; the test may have been sent, and is in the log then
   */
  async sendTest(target: number | string, options?: TestOptions): Promise<TestResult[]> {
    const { type, data, tenant, signal } = checked(options)
    const until = optionalSignal(signal)
    const to = typeof target === 'string' ? target : id(target, 'The target')
    const [kind, whose] = [optionalText(type, 'type'), optionalText(tenant, 'tenant')]
    const sample = data === undefined ? undefined : json(data)
    const results = await awaited(
      until,
      (canceled) => this.#native.sendTest(to, kind, whose, sample, canceled),
      'the test may have been sent, and is in the log then',
    )
    return results.map((result) => ({ ...result, attempt: result.attempt && storedAttempt(result.attempt) }))
  }

  /**
   * The catalog's example of a type of event. Nothing is stored or sent.
   *
   * @throws ConfigError `invalid_argument` if the catalog has none
   */
  example(type: string): Event {
    return Event.composed(calling(() => this.#native.example(text(type, 'type'))))
  }

  /** What successful deliveries cost. */
  async usage(options?: UsageOptions): Promise<Usage> {
    const { tenant, since = 0, until = END_OF_TIME } = checked(options)
    const [from, to] = [optionalMillis(since, 'since') ?? 0, optionalMillis(until, 'until') ?? 0]
    return answered(() => this.#native.usage(optionalText(tenant, 'tenant'), from, to))
  }

  /** The sender in numbers. */
  async stats(): Promise<Stats> {
    return answered(() => this.#native.stats())
  }

  /** The sender in numbers, as the text that Prometheus reads. */
  async prometheus(): Promise<string> {
    return answered(() => this.#native.prometheus())
  }

  /**
   * Writes deliveries with their attempts as JSON lines, newest first, to a file or a stream, and tells how many.
   * A stream is not ended.
   *
   * @throws ConfigError `invalid_argument` if the file cannot be written
   */
  async export(to: string | URL | Writable, options?: ExportOptions): Promise<number> {
    const { signal, ...filter } = checked(options)
    const until = optionalSignal(signal)
    return exported(
      calling(() => this.#native.export(filterOf(filter))),
      to,
      until,
    )
  }

  /**
   * Calls back for every notice of this kind. Notices are stored, and acknowledged when the callback has returned
   * and its promise has resolved: if it throws or the process dies, it is called again with the same notice.
   */
  on(kind: NoticeKind, callback: NoticeCallback): this {
    this.#listeners ??= new Listeners(
      calling(() => this.#native.notices()),
      noticeOf,
      NOTICE_KINDS,
    )
    this.#listeners.add(kind, callback)
    return this
  }

  /**
   * The notices that nobody has acknowledged, and then those to come; each is acknowledged when the next one is
   * asked for. Ends when the sender is closed. Use either this or `on`: to acknowledge a notice is to acknowledge
   * those before it.
   */
  notices(options?: WaitOptions): AsyncGenerator<Notice, void, undefined> {
    const { signal } = checked(options)
    return reading(
      calling(() => this.#native.notices()),
      noticeOf,
      optionalSignal(signal),
    )
  }

  /** Begins to deliver, in the background; more calls change nothing. */
  async start(): Promise<void> {
    await answered(() => this.#native.start())
    started.add(this)
  }

  /**
   * Waits until no delivery is pending; false if that takes longer than `timeout`. With retries ahead, it can take
   * days.
   *
   * @throws the signal's reason if it is aborted
   */
  async waitIdle(options?: WaitIdleOptions): Promise<boolean> {
    const { timeout, signal } = checked(options)
    const limit = timeout === undefined ? undefined : seconds(timeout, 'timeout')
    return awaited(optionalSignal(signal), (canceled) => this.#native.waitIdle(limit, canceled))
  }

  /**
   * Stops: sends are refused, and requests on their way get ten seconds to end. What was not delivered is when the
   * store is opened again. The signal ends the waiting, and not the stopping.
   *
   * @throws StoreError
   * @throws the signal's reason if it is aborted
   */
  async close(options?: WaitOptions): Promise<void> {
    const close = () => {
      started.delete(this)
      return this.#native.close()
    }
    await awaited(optionalSignal(checked(options).signal), close, 'the sender goes on closing')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Whoever started a sender and kept no hold of it still wants it to deliver. */
const started = new Set<Sender>()

const MAYBE_STORED = 'it may have been stored all the same: send it with the same id again'

const END_OF_TIME = 253_402_300_799
