import { type Body, bytes } from './body.js'
import { count as whole, kindOf, number, optionalText, options as checked } from './check.js'
import { headerList } from './endpoint.js'
import { DeliveryError, type ErrorCode, calling, invalidArgument } from './errors.js'
import native = require('./native.js')
import { Provider, json } from './provider.js'
import { Secret } from './secret.js'
import { type Instant, optionalMillis, seconds } from './time.js'

export interface SignedRequestOptions {
  /** Whose request it is: a name or a `Provider`; Standard Webhooks if not given. */
  provider?: string | Provider
  /**
   * The type of the event. With neither data nor a body the event is the catalog's example of it; without a type it is
   * the first example of the catalog, or an event of type `test`.
   */
  type?: string
  /** The event's data, put into the provider's envelope. */
  data?: unknown
  /** The body, as it is to be sent. */
  body?: Body
  /** The event's id; made if not given. */
  id?: string
  /** Whose event it is, for providers that say so. */
  tenant?: string
  /** When it is sent; now if not given. */
  now?: Instant
  /** The url of the receiver; `https://example.com/hooks` if not given. */
  url?: string
  /** The request's method; POST if not given. */
  method?: string
}

/** How a request differs from a right one. */
export type Variant =
  'duplicate' | 'tampered' | 'stale' | 'future' | 'wrong_secret' | 'empty_key' | 'unsigned'

/** A request for a test: signed as a provider signs, or a variant of it. */
export class SignedRequest {
  readonly method: string
  readonly url: string
  /** Every header, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The raw body. */
  readonly body: Uint8Array
  /** The event's id, where the request says it. */
  readonly id: string
  /** When it is sent; pass it to who verifies it, or let it be now. */
  readonly now: Date
  /**
   * The code of the error with which it is refused at that time, by a receiver that has its secret (after `rotated`
   * both); `undefined` if it is accepted.
   */
  readonly expected: ErrorCode | undefined
  readonly #native: native.SignedRequest

  private constructor(request: native.SignedRequest) {
    this.#native = request
    const { headers, body, now, expected, ...facts } = request.facts()
    this.method = facts.method
    this.url = facts.url
    this.headers = Object.freeze(Object.fromEntries(headers))
    this.body = body
    this.id = facts.id
    this.now = new Date(now)
    this.expected = expected as ErrorCode | undefined
  }

  /** @internal */
  static of(secret: unknown, options: SignedRequestOptions | undefined): SignedRequest {
    const { provider = 'standard', type, data, body, id, tenant, now, url, method } = checked(options)
    const parts = {
      eventType: optionalText(type, 'type'),
      data: data === undefined ? undefined : json(data),
      body: body === undefined ? undefined : bytes(body),
      id: optionalText(id, 'id'),
      tenant: optionalText(tenant, 'tenant'),
      now: optionalMillis(now, 'now'),
      url: optionalText(url, 'url'),
      method: optionalText(method, 'method'),
    }
    return new SignedRequest(
      calling(() => native.SignedRequest.of(Provider.native(provider), oneSecret(secret), parts)),
    )
  }

  /** The same event once more, as after an answer that got lost: the same id and the same body. */
  duplicate(): SignedRequest {
    return this.#variant('duplicate')
  }

  /** A letter or digit of the body was changed after it was signed. */
  tampered(): SignedRequest {
    return this.#variant('tampered')
  }

  /**
   * Signed a minute longer ago than the provider tolerates.
   *
   * @throws ConfigError `invalid_argument` where no time is signed
   */
  stale(): SignedRequest {
    return this.#variant('stale')
  }

  /**
   * Signed for a time that lies a minute further ahead than the provider tolerates.
   *
   * @throws ConfigError `invalid_argument` where no time is signed
   */
  future(): SignedRequest {
    return this.#variant('future')
  }

  /** Signed with another secret of the same kind. */
  wrongSecret(): SignedRequest {
    return this.#variant('wrong_secret')
  }

  /**
   * Signed with the empty key, which is anybody's.
   *
   * @throws ConfigError `invalid_argument` where signatures are asymmetric
   */
  emptyKey(): SignedRequest {
    return this.#variant('empty_key')
  }

  /** Without its signature. */
  unsigned(): SignedRequest {
    return this.#variant('unsigned')
  }

  /** The same request signed with another secret, such as the old one of a rotation: who has both accepts it. */
  rotated(secret: string | Secret): SignedRequest {
    return new SignedRequest(calling(() => this.#native.rotated(oneSecret(secret))))
  }

  /** Every variant that this provider has, by its name. */
  variants(): Partial<Record<Variant, SignedRequest>> {
    const names = calling(() => this.#native.variants()) as Variant[]
    return Object.fromEntries(names.map((name) => [name, this.#variant(name)]))
  }

  /** The same for `fetch` and for functions of `Request`. */
  toRequest(): Request {
    const { method, headers } = this
    return new Request(this.url, { method, headers, body: Uint8Array.from(this.body) })
  }

  #variant(name: Variant): SignedRequest {
    return new SignedRequest(calling(() => this.#native.variant(name)))
  }
}

/**
 * A request of a provider to a receiver that has this secret; where signatures are asymmetric, the private key.
 *
 * @throws ConfigError if the catalog has no such example, or only the provider itself can sign
 */
export function signedRequest(secret: string | Secret, options?: SignedRequestOptions): SignedRequest {
  return SignedRequest.of(secret, options)
}

/** A request that was recorded; `webhook.verify(request.body, request.headers)` takes it as it is. */
export interface RecordedRequest {
  method: string
  /** The path and query. */
  target: string
  /** Every header line, as it came. */
  headers: [name: string, value: string][]
  /** The raw body. */
  body: Uint8Array
  /** When all of it had come. */
  at: Date
}

export interface ReplyOptions {
  /** How many of the next requests are replied to so, after those that were told before; all others if not given. */
  times?: number
  /** Seconds before the reply. */
  delay?: number
}

export interface AnswerOptions extends ReplyOptions {
  headers?: Readonly<Record<string, string>>
  body?: Body
}

/** A real HTTP server on this machine that records every request, for the tests of senders. */
export class Recorder {
  /** Where it listens, such as `http://127.0.0.1:40123`; every path is served. */
  readonly url: string
  readonly #native: native.Recorder

  constructor() {
    this.#native = calling(() => new native.Recorder())
    this.url = this.#native.url()
  }

  /** What has come so far, oldest first. */
  get requests(): RecordedRequest[] {
    return this.#native.requests().map(({ at, ...request }) => ({ ...request, at: new Date(at) }))
  }

  /** Answers so: the next `times` requests, or all that no other reply is for. */
  answer(status = 200, options?: AnswerOptions): void {
    const { headers = {}, body, ...rest } = checked(options)
    const content = body === undefined ? undefined : bytes(body)
    this.#reply(
      { kind: 'answer', status: whole(status, 'status'), headers: headerList(headers), body: content },
      rest,
    )
  }

  /** Closes the connection without an answer, for so many requests or from now on. */
  refuse(options?: ReplyOptions): void {
    this.#reply({ kind: 'refuse' }, checked(options))
  }

  /** Keeps the connection and never answers, for so many requests or from now on. */
  hang(options?: Omit<ReplyOptions, 'delay'>): void {
    this.#reply({ kind: 'hang' }, checked(options))
  }

  /**
   * Waits until so many requests have come, and returns all there are.
   *
   * @throws DeliveryError `timeout` if they have not come in `timeout` seconds, 5 if not given
   */
  async wait(count = 1, options?: { timeout?: number }): Promise<RecordedRequest[]> {
    const wanted = whole(count, 'count')
    const until = performance.now() + seconds(checked(options).timeout ?? 5, 'timeout') * 1000
    // Looking again and again keeps no thread of Node's waiting, and nothing open that a test runner would miss.
    while (this.#native.count() < wanted) {
      if (performance.now() > until) {
        throw new DeliveryError('timeout', `${this.#native.count()} of ${wanted} requests came in time.`)
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return this.requests
  }

  /** Forgets what has come, and how to reply. */
  clear(): void {
    this.#native.clear()
  }

  /** Stops listening; what has come can still be read. */
  close(): void {
    this.#native.close()
  }

  #reply(
    reply: Partial<native.Reply> & Pick<native.Reply, 'kind'>,
    { times, delay = 0 }: ReplyOptions,
  ): void {
    const count = times === undefined ? undefined : whole(times, 'times')
    const full = { status: 200, headers: [], ...reply, delay: number(delay, 'delay'), times: count }
    calling(() => this.#native.reply(full))
  }
}

function oneSecret(secret: unknown): native.Secret {
  const [one, ...others] = Secret.natives(secret)
  if (one === undefined || others.length > 0)
    throw invalidArgument(`Expected one secret, not ${kindOf(secret)}.`)
  return one
}
