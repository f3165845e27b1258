import { count, kindOf, number, optionalText, options as checked, text } from './check.js'
import { type ErrorCode, calling, invalidArgument } from './errors.js'
import native = require('./native.js')
import { type Instant, date, optionalMillis, seconds } from './time.js'

export interface RetryOptions {
  /** The largest part of itself, 0 to 1, by which a delay above ten seconds grows at random. */
  jitter?: number
}

export interface ExponentialOptions extends RetryOptions {
  /** No delay is longer than this many seconds. */
  cap?: number
}

export interface NextOptions {
  /** The `Retry-After` header of the answer, as it came. */
  retryAfter?: string
  /** When the attempt ended; the clock's time if not given. */
  now?: Instant
  /** Where within the jitter to fall, 0 to 1; 0 if not given. */
  jitter?: number
}

/** What to do after an attempt. */
export interface Next {
  action: 'done' | 'retry' | 'give_up' | 'disable'
  /** When to try again, if it is `retry`. */
  at?: Date
  /** The same in seconds from `now`. */
  delay?: number
}

/** When a failed delivery is tried again, and when no more. Durations are in seconds. */
export class RetryPolicy {
  readonly #native: native.RetryPolicy

  /**
   * A policy with these delays, each counted from the end of a failed attempt; none at all means one attempt.
   *
   * @throws ConfigError `invalid_argument` for delays that make no sense
   */
  constructor(delays: readonly number[], options?: RetryOptions)
  /** @internal */
  constructor(policy: native.RetryPolicy)
  constructor(delays: readonly number[] | native.RetryPolicy, options?: RetryOptions) {
    this.#native = delays instanceof native.RetryPolicy ? delays : fromDelays(delays, options)
  }

  /**
   * `count` retries: the first after `first` seconds, each later one after `factor` times the delay before.
   *
   * @throws ConfigError `invalid_argument` for numbers that make no sense
   */
  static exponential(
    first: number,
    factor: number,
    retries: number,
    options?: ExponentialOptions,
  ): RetryPolicy {
    const { cap, jitter = 0 } = checked(options)
    const longest = cap === undefined ? undefined : seconds(cap, 'cap')
    return new RetryPolicy(
      calling(() =>
        native.RetryPolicy.exponential(
          seconds(first, 'first'),
          number(factor, 'factor'),
          count(retries, 'count'),
          longest,
          number(jitter, 'jitter'),
        ),
      ),
    )
  }

  /** The delay before each retry in seconds, before jitter. */
  delays(): number[] {
    return this.#native.delays()
  }

  /** How many attempts there are at most, the first included. */
  get maxAttempts(): number {
    return this.#native.maxAttempts()
  }

  /**
   * What to do after attempt number `attempt` (the first is 1) ended with `outcome`: a status code, or the
   * code of the error there was instead of an answer.
   *
   * @throws ConfigError `invalid_argument` for an outcome that is neither
   */
  next(attempt: number, outcome: number | ErrorCode, options?: NextOptions): Next {
    const { retryAfter, now, jitter = 0 } = checked(options)
    const { action, at, delay } = calling(() =>
      this.#native.next(
        count(attempt, 'attempt'),
        typeof outcome === 'number' ? count(outcome, 'outcome') : text(outcome, 'outcome'),
        optionalText(retryAfter, 'retryAfter'),
        optionalMillis(now, 'now'),
        number(jitter, 'jitter'),
      ),
    )
    return at === undefined ? { action } : { action, at: date(at), delay }
  }

  /** @internal */
  static native(policy: unknown): native.RetryPolicy {
    if (policy instanceof RetryPolicy) return policy.#native
    throw invalidArgument('retry must be a RetryPolicy.')
  }
}

function fromDelays(delays: unknown, options: RetryOptions | undefined): native.RetryPolicy {
  if (!Array.isArray(delays))
    throw invalidArgument(`The delays must be an array of seconds, not ${kindOf(delays)}.`)
  const { jitter = 0 } = checked(options)
  const list = delays.map((delay) => seconds(delay, 'A delay'))
  return calling(() => native.RetryPolicy.fromDelays(list, number(jitter, 'jitter')))
}
