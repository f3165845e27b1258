import { type Body, bytes } from './body.js'
import { flag, kindOf, optionalText, options as checked } from './check.js'
import { VerificationError, calling, invalidArgument } from './errors.js'
import { Event } from './event.js'
import type { Catalogs } from './events/index.js'
import { Explanation, type Framework } from './explanation.js'
import { type HandshakeAnswer, type HandshakeOptions, handshakeAnswer } from './handshake.js'
import { HeaderReader, type RequestHeaders, allLines } from './headers.js'
import native = require('./native.js')
import { Provider } from './provider.js'
import { Secret } from './secret.js'
import { type Instant, optionalMillis, seconds } from './time.js'

/** How many seconds a timestamp may lie in the past and in the future; one number means both. */
export type Tolerance = number | { past: number; future: number }

/**
 * The events of a webhook: of the provider's catalog if `P` is the name of one that has a catalog, or the events that
 * are given as `P`.
 */
export type EventOf<P extends string | Event<any>, Unknown = Event> = P extends string
  ? P extends keyof Catalogs
    ? Catalogs[P]
    : Unknown
  : P

export interface WebhookOptions {
  /** The vendor's conventions: a name or a `Provider`; Standard Webhooks if not given. */
  provider?: string | Provider
  /** How old or how far ahead a timestamp may be; the provider's word if not given. */
  tolerance?: Tolerance
  /**
   * For development: the errors that `verify` throws have what `explain` says as their `notes`, and adapters log it.
   * If not given, only where `HOOKSEAL_EXPLAIN=1` is in the environment.
   */
  explainFailures?: boolean
}

export interface VerifyOptions {
  /** What time it is; the clock's time if not given. */
  now?: Instant
  /** The url that was called, for providers that sign it. */
  url?: string
  /** The request's method, for providers that sign it. */
  method?: string
  /** The web framework, which is named in the notes of errors. */
  framework?: Framework
}

/** What `explain` may be told: what `verify` was, and more. */
export interface ExplainOptions extends VerifyOptions {
  /** More secrets of the same owner, one of which may have signed the request. */
  otherSecrets?: readonly (string | Secret)[]
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

/**
 * A provider and its secrets: signs what is sent, verifies what came.
 *
 * `P` tells TypeScript what the events are: it is the provider's name, or a union of events such as `hookseal-typegen`
 * makes for a provider file of your own.
 */
export class Webhook<P extends string | Event<any> = string> {
  /** The names of the headers that `verify` reads, in lower case. */
  readonly headerNames: readonly string[]
  readonly #native: native.WebhookHandle
  readonly #headers: HeaderReader
  readonly #explains: boolean

  /**
   * `secret` is one secret or several, newest first: the newest signs, all of them verify.
   *
   * @throws ConfigError `invalid_secret`, `unknown_provider`, `invalid_argument`
   */
  constructor(
    secret: string | Secret | readonly (string | Secret)[],
    options: WebhookOptions & { provider: P },
  )
  constructor(secret: string | Secret | readonly (string | Secret)[], options?: WebhookOptions)
  constructor(secret: string | Secret | readonly (string | Secret)[], options?: WebhookOptions) {
    const { provider = 'standard', tolerance, explainFailures } = checked(options)
    const secrets = Secret.natives(secret)
    const { past, future } = limits(tolerance)
    this.#native = calling(() => native.newWebhook(Provider.native(provider), secrets, past, future))
    this.headerNames = Object.freeze(native.headerNames(this.#native))
    this.#headers = new HeaderReader(this.headerNames)
    this.#explains =
      explainFailures === undefined
        ? native.explainsByEnvironment()
        : flag(explainFailures, 'explainFailures')
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
  verify<Data = unknown>(
    this: P extends keyof Catalogs | Event<any> ? never : Webhook<P>,
    body: Body,
    headers: RequestHeaders,
    options?: VerifyOptions,
  ): Event<Data>
  verify(body: Body, headers: RequestHeaders, options?: VerifyOptions): EventOf<P>
  verify<Data>(body: Body, headers: RequestHeaders, options?: VerifyOptions): Event<Data>
  verify(body: Body, headers: RequestHeaders, options?: VerifyOptions): Event<any> {
    const raw = bytes(body)
    const values = this.#headers.read(headers)
    const { now, url, method } = checked(options)
    try {
      return Event.verified(
        this.#native,
        raw,
        optionalMillis(now, 'now') ?? Date.now(),
        values,
        optionalText(url, 'url'),
        optionalText(method, 'method'),
      )
    } catch (error) {
      if (this.#explains && error instanceof VerificationError) {
        error.notes = [this.explain(raw, headers, options).toString()]
      }
      throw error
    }
  }

  /**
   * Says why a request does not verify, and what to do: for its developer, never for whoever sent it. It takes what
   * `verify` takes, and all headers of the request.
   *
   * @throws ConfigError `invalid_argument`, as `verify`
   */
  explain(body: Body, headers: RequestHeaders, options?: ExplainOptions): Explanation {
    const { now, url, method, framework, otherSecrets = [] } = checked(options)
    return new Explanation(
      calling(() =>
        native.explain(
          this.#native,
          bytes(body),
          optionalMillis(now, 'now') ?? Date.now(),
          allLines(headers),
          optionalText(url, 'url'),
          optionalText(method, 'method'),
          optionalText(framework, 'framework'),
          otherSecrets.length === 0 ? [] : Secret.natives(otherSecrets),
        ),
      ),
    )
  }

  /**
   * The answer to a vendor's handshake, by which it finds out whether the endpoint is its owner's (Slack, Zoom, Meta,
   * X …), or `undefined` if the request is none. Ask before `verify`, for requests of every method: some handshakes
   * are GET requests, and many are not signed.
   *
   * @throws VerificationError for one that is not to be trusted, or that asks for what no challenge is
   * @throws ConfigError `invalid_argument` if the handshake has a token and none is given
   */
  handshake(body: Body, headers: RequestHeaders, options?: HandshakeOptions): HandshakeAnswer | undefined {
    const [raw, values] = [bytes(body), this.#headers.read(headers)]
    return handshakeAnswer((question) => native.handshake(this.#native, raw, values, question), options)
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
