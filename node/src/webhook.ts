import { type Body, bytes } from './body.js'
import { kindOf, optionalText, options as checked } from './check.js'
import { calling, invalidArgument } from './errors.js'
import { Event } from './event.js'
import { HeaderReader, type RequestHeaders } from './headers.js'
import native = require('./native.js')
import { Provider } from './provider.js'
import { Secret } from './secret.js'
import { type Instant, optionalMillis, seconds } from './time.js'

/** How many seconds a timestamp may lie in the past and in the future; one number means both. */
export type Tolerance = number | { past: number; future: number }

export interface WebhookOptions {
  /** The vendor's conventions: a name or a `Provider`; Standard Webhooks if not given. */
  provider?: string | Provider
  /** How old or how far ahead a timestamp may be; the provider's word if not given. */
  tolerance?: Tolerance
}

export interface VerifyOptions {
  /** What time it is; the clock's time if not given. */
  now?: Instant
  /** The url that was called, for providers that sign it. */
  url?: string
  /** The request's method, for providers that sign it. */
  method?: string
}

export interface SignOptions {
  /** The event's id; made if not given. */
  id?: string
  /** When it is signed; now if not given. */
  timestamp?: Instant
  /** The event's type, for providers that say it in a header. */
  type?: string
  /** The url that is called, for providers that sign it. */
  url?: string
  /** The request's method, for providers that sign it. */
  method?: string
}

/** A provider and its secrets: signs what is sent, verifies what came. */
export class Webhook {
  /** The names of the headers that `verify` reads, in lower case. */
  readonly headerNames: readonly string[]
  readonly #native: native.WebhookHandle
  readonly #headers: HeaderReader

  /**
   * `secret` is one secret or several, newest first: the newest signs, all of them verify.
   *
   * @throws ConfigError `invalid_secret`, `unknown_provider`, `invalid_argument`
   */
  constructor(secret: string | Secret | readonly (string | Secret)[], options?: WebhookOptions) {
    const { provider = 'standard', tolerance } = checked(options)
    const secrets = Secret.natives(secret)
    const { past, future } = limits(tolerance)
    this.#native = calling(() => native.newWebhook(Provider.native(provider), secrets, past, future))
    this.headerNames = Object.freeze(native.headerNames(this.#native))
    this.#headers = new HeaderReader(this.headerNames)
    for (const { code, message } of native.warnings(this.#native)) {
      process.emitWarning(message, { type: 'HooksealWarning', code })
    }
  }

  /** The provider whose conventions are followed. */
  get provider(): Provider {
    return Provider.of(native.providerOf(this.#native))
  }

  /**
   * Checks that a request is the sender's and returns its event. `body` is the raw body, as it came.
   *
   * @throws VerificationError if it is not to be trusted; `code` says why
   * @throws ConfigError `invalid_argument` for a body that was parsed already and for arguments of wrong types
   */
  verify<Data = unknown>(body: Body, headers: RequestHeaders, options?: VerifyOptions): Event<Data> {
    const raw = bytes(body)
    const values = this.#headers.read(headers)
    const { now, url, method } = checked(options)
    return Event.verified(
      this.#native,
      raw,
      optionalMillis(now, 'now') ?? Date.now(),
      values,
      optionalText(url, 'url'),
      optionalText(method, 'method'),
    )
  }

  /**
   * Every header to send with this body: signed with the newest secret, or with all of them where requests carry
   * several signatures.
   *
   * @throws ConfigError `invalid_secret` if the secret can only verify, `invalid_argument`
   */
  sign(body: Body, options?: SignOptions): Record<string, string> {
    const { id, timestamp, type, url, method } = checked(options)
    const lines = calling(() =>
      native.sign(
        this.#native,
        bytes(body),
        optionalText(id, 'id'),
        optionalMillis(timestamp, 'timestamp'),
        optionalText(type, 'type'),
        optionalText(url, 'url'),
        optionalText(method, 'method'),
      ),
    )
    const headers: Record<string, string> = {}
    for (let at = 0; at < lines.length; at += 2) headers[lines[at]!] = lines[at + 1]!
    return headers
  }

  /** @internal */
  static native(webhook: unknown): native.WebhookHandle {
    if (webhook instanceof Webhook) return webhook.#native
    throw invalidArgument(`Expected a Webhook, not ${kindOf(webhook)}.`)
  }
}

/** @internal */
export function limits(tolerance: unknown): { past?: number; future?: number } {
  if (tolerance === undefined) return {}
  if (typeof tolerance !== 'object' || tolerance === null) {
    const both = seconds(tolerance, 'tolerance')
    return { past: both, future: both }
  }
  const { past, future } = tolerance as { past?: unknown; future?: unknown }
  return { past: seconds(past, 'tolerance.past'), future: seconds(future, 'tolerance.future') }
}
