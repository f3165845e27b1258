import { count, options as checked, optionalText, text } from './check.js'
import { VerificationError, calling, invalidArgument } from './errors.js'
import { Event } from './event.js'
import native = require('./native.js')
import { answered } from './sender/answer.js'
import { seconds } from './time.js'

export interface DeduplicatorOptions {
  /**
   * How many seconds an event that is done is remembered; seven days, or for as long as its provider retries if that
   * is longer, if not given.
   */
  keep?: number
  /** For how many seconds a claim holds if its holder dies; 60 if not given. Longer than any handler takes. */
  lease?: number
  /** How many events `memory:` remembers at most; 100 000 if not given. */
  capacity?: number
  /** Keeps apart what shares a store. */
  namespace?: string
}

/** What came of `once`. */
export type Once<T> = { duplicate: true; value?: undefined } | { duplicate: false; value: T }

/** Tells events that were handled before, or are being handled, from new ones. */
export class Deduplicator implements AsyncDisposable {
  readonly #native: native.Deduplicator

  /**
   * `url` is `memory:` for one process, `sqlite:path` for one machine, and `postgres://user:password@host/database`,
   * `redis://host/0` or `rediss://host/0` (with TLS) for any number. The thread waits until a server has answered.
   *
   * @throws ConfigError `invalid_argument`
   * @throws StoreError for a store that is locked, damaged, not writable, out of reach or another program's
   */
  constructor(url: string, options?: DeduplicatorOptions) {
    const { keep, lease, capacity, namespace } = checked(options)
    this.#native = calling(
      () =>
        new native.Deduplicator(
          text(url, 'url'),
          keep === undefined ? undefined : seconds(keep, 'keep'),
          lease === undefined ? undefined : seconds(lease, 'lease'),
          capacity === undefined ? undefined : count(capacity, 'capacity'),
          optionalText(namespace, 'namespace'),
        ),
    )
  }

  /**
   * Claims an event for the caller alone, by its id or, where its provider gives none, by its body.
   *
   * @throws VerificationError `duplicate_event` if it was done before (answer 2xx); `event_in_progress`, with
   * `retryAfter`, if somebody else has it and is not done (answer 503)
   * @throws StoreError
   */
  async claim(event: Event<any>): Promise<Claim> {
    const given = Event.native(event)
    return new Claim(await answered(() => this.#native.claim(given)))
  }

  /**
   * Calls the handler, unless the event was handled before. If the handler throws, the event is free again.
   *
   * @throws what the handler throws
   * @throws VerificationError `event_in_progress`
   * @throws StoreError; `claim_lost` if the lease ran out meanwhile and somebody else has claimed the event
   */
  async once<T>(event: Event<any>, handler: () => T | Promise<T>): Promise<Once<T>> {
    if (typeof handler !== 'function') throw invalidArgument('once takes an event and a function.')
    let claim
    try {
      claim = await this.claim(event)
    } catch (error) {
      if (error instanceof VerificationError && error.code === 'duplicate_event') return { duplicate: true }
      throw error
    }
    return { duplicate: false, value: await claim.during(handler) }
  }

  /** Closes files and connections. Claims that are held end with their leases. */
  async close(): Promise<void> {
    await answered(() => this.#native.close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** The right to handle an event, which nobody else has meanwhile. */
export class Claim {
  readonly #native: native.Claim

  /** @internal */
  constructor(claim: native.Claim) {
    this.#native = claim
  }

  /**
   * The event was handled: from now on, it is a duplicate.
   *
   * @throws StoreError `claim_lost` if the lease ran out and somebody else has claimed the event since
   */
  async done(): Promise<void> {
    await answered(() => this.#native.done())
  }

  /** The event was not handled: whoever asks next gets it. */
  async release(): Promise<void> {
    await answered(() => this.#native.release())
  }

  /**
   * Has the lease begin anew, for handlers that take longer.
   *
   * @throws StoreError `claim_lost` if it ran out and somebody else has claimed the event since
   */
  async extend(): Promise<void> {
    await answered(() => this.#native.extend())
  }

  /** @internal Done if the handler ends well and what it gives is a success, released if not. */
  async during<T>(
    handler: () => T | Promise<T>,
    isSuccess: (value: T) => boolean | Promise<boolean> = () => true,
  ): Promise<T> {
    let value: T
    try {
      value = await handler()
    } catch (error) {
      // If it cannot be released it ends with its lease; what the handler threw says more.
      await this.release().catch(() => {})
      throw error
    }
    await ((await isSuccess(value)) ? this.done() : this.release())
    return value
  }
}
