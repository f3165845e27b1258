import { types } from 'node:util'

import { bytes } from './body.js'
import { count, kindOf, optionalText, options as checked } from './check.js'
import { Deduplicator } from './deduplicator.js'
import { VerificationError, invalidArgument } from './errors.js'
import { Event } from './event.js'
import type { Framework } from './explanation.js'
import type { HandshakeAnswer, HandshakeOptions } from './handshake.js'
import { type RequestHeaders, plainHeaders } from './headers.js'
import native = require('./native.js')
import { Provider } from './provider.js'
import type { Secret } from './secret.js'
import { type VerifyOptions, Webhook } from './webhook.js'

/** What every adapter may be told. */
export interface ReceiveOptions {
  /** How many bytes of a body are read; larger ones are refused with 413. 1 MiB if not given. */
  maxBody?: number
  /**
   * The url that is registered with the provider, for those that sign it. `https://example.com` serves every path;
   * to a url with a path only the request's query is added.
   */
  url?: string
  /** Called with what a request was refused for, to log it. */
  onRefused?: (error: VerificationError) => void
  /** Drops duplicates: they are answered with 200, events in progress with 503, without calling the handler. */
  deduplicator?: Deduplicator
  /** The token that was agreed on with the vendor for its handshake (Meta); no signing secret. */
  verifyToken?: string
  /**
   * Called with a secret that the vendor gives away in its handshake (Asana, Clio), and the request's path, only while
   * no secret is known: where what verifies is a `Provider`. It stores the secret.
   */
  onSecret?: (secret: Secret, target: string) => unknown
}

/** What is told to a verifier besides body and headers. */
export interface VerifierOptions {
  url?: string | undefined
  method?: string | undefined
}

/** What the adapters ask whether a request is to be trusted: a `Webhook`, or an object of your own. */
export interface Verifier {
  /**
   * The event of a request, or a `VerificationError`. The headers have names in lower case; the values of several lines
   * are joined by commas.
   */
  verify(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    options: VerifierOptions,
  ): Event<any> | Promise<Event<any>>
  /** The answer to a vendor's question whose the endpoint is; asked before `verify`. */
  handshake?(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    options: VerifierOptions & { verifyToken?: string | undefined },
  ): HandshakeAnswer | undefined | Promise<HandshakeAnswer | undefined>
}

/** A webhook; a provider, while no secret is known yet; or a verifier of your own. */
export type Chosen = Webhook | Provider | Verifier

/** What verifies, or a function that chooses it for each request by its path and query. */
export type VerifierSource = Chosen | ((target: string) => Chosen | Promise<Chosen>)

/** @internal A request as every adapter takes it apart. */
export interface RawRequest {
  body: Uint8Array
  headers: RequestHeaders
  method: string | undefined
  /** The path and the query. */
  target: string | undefined
}

/** @internal What a request is answered with that is no event: a handshake, or one that is refused. */
export interface Reply {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

/** @internal How requests are received: by what they are verified, how large they may be, and under which url. */
export class Receiver {
  readonly #source: VerifierSource
  readonly #framework: Framework
  readonly #maxBody: number
  readonly #url: string | undefined
  readonly #onRefused: ((error: VerificationError) => void) | undefined
  readonly #verifyToken: string | undefined
  readonly #onSecret: ((secret: Secret, target: string) => unknown) | undefined
  readonly #deduplicator: Deduplicator | undefined

  constructor(source: unknown, handler: unknown, options: ReceiveOptions | undefined, framework: Framework) {
    const {
      maxBody = native.maxBody(),
      url,
      onRefused,
      verifyToken,
      onSecret,
      deduplicator,
    } = checked(options)
    for (const call of [handler, onRefused ?? handler, onSecret ?? handler]) {
      if (typeof call !== 'function') throw invalidArgument(`Expected a function, not ${kindOf(call)}.`)
    }
    if (deduplicator !== undefined && !(deduplicator instanceof Deduplicator)) {
      throw invalidArgument(`deduplicator must be a Deduplicator, not ${kindOf(deduplicator)}.`)
    }
    this.#deduplicator = deduplicator
    this.#source = typeof source === 'function' ? (source as VerifierSource) : verifier(source)
    this.#framework = framework
    this.#maxBody = count(maxBody, 'maxBody')
    this.#url = optionalText(url, 'url')
    this.#onRefused = onRefused
    this.#verifyToken = optionalText(verifyToken, 'verifyToken')
    this.#onSecret = onSecret
  }

  /**
   * Lets the handler have the event, or replies to what is a handshake, not to be trusted, or not of the shape that the
   * handler reads.
   *
   * Where duplicates are dropped, `handled` tells from what the handler gave whether the event was handled, at once or
   * when that is known.
   */
  async receive<T>(
    request: () => Promise<RawRequest>,
    handler: (event: any) => T | Promise<T>,
    respond: (reply: Reply, error?: VerificationError) => T,
    handled: (value: T) => boolean | Promise<boolean>,
  ): Promise<T> {
    try {
      const received = await this.#verify(await request())
      if (!(received instanceof Event)) return respond(received)
      if (this.#deduplicator === undefined) return await handler(received)
      const claim = await this.#deduplicator.claim(received)
      return await claim.during(() => handler(received), handled)
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error
      // Only in development mode; the peer never sees it.
      error.notes?.forEach((note) => console.warn(`hookseal: ${note}`))
      this.#onRefused?.(error)
      const headers: Record<string, string> = { 'content-type': 'application/json' }
      if (error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter)
      return respond({ status: error.httpStatus, headers, body: JSON.stringify({ code: error.code }) }, error)
    }
  }

  /** A body that somebody has read before, if it is not too large. */
  checked(body: Uint8Array): Uint8Array {
    if (body.length > this.#maxBody) throw this.#tooLarge()
    return body
  }

  /** Begins to collect a body that was declared to have so many bytes. */
  body(declared: string | null | undefined): Body {
    const body = new Body(this.#maxBody, () => this.#tooLarge())
    body.declare(declared)
    return body
  }

  /** The url that was signed, where that is told. */
  url(target: string): string | undefined {
    return this.#url === undefined ? undefined : native.publicUrl(this.#url, target)
  }

  /** The reply to a handshake, if the request is one. */
  async handshake(source: Webhook | Provider, request: RawRequest): Promise<Reply | undefined> {
    const { body, headers, method, target = '/' } = request
    const asked = { url: this.url(target) ?? target, method, verifyToken: this.#verifyToken }
    const answer = source.handshake(body, headers, asked as HandshakeOptions)
    return answer !== undefined && (await this.#accepts(answer, source, target)) ? answer : undefined
  }

  async #verify(request: RawRequest): Promise<Event | Reply> {
    const { body, headers, method, target = '/' } = request
    const source = typeof this.#source === 'function' ? verifier(await this.#source(target)) : this.#source
    const url = this.url(target)
    if (!(source instanceof Webhook || source instanceof Provider)) {
      const lines = plainHeaders(headers)
      const asked = { url: url ?? target, method, verifyToken: this.#verifyToken }
      const answer = await source.handshake?.(body, lines, asked)
      return answer ?? (await source.verify(body, lines, { url, method }))
    }
    const answer = await this.handshake(source, request)
    if (answer !== undefined) return answer
    if (source instanceof Provider) {
      const message = `No secret of ${source.name} is known yet, so nothing verifies.`
      throw new VerificationError('signature_mismatch', message)
    }
    const framework = this.#framework
    return source.verify(body, headers, { url, method, framework } as VerifyOptions)
  }

  /** Whether a handshake is answered. Who may be anybody gives no secret to an endpoint that has one. */
  async #accepts({ secret }: HandshakeAnswer, source: Webhook | Provider, target: string): Promise<boolean> {
    if (secret === undefined) return true
    if (!(source instanceof Provider)) return false
    if (this.#onSecret === undefined) {
      throw invalidArgument(
        `${source.name} gives its secret in the handshake: pass onSecret, which stores it.`,
      )
    }
    await this.#onSecret(secret, target)
    return true
  }

  #tooLarge(): VerificationError {
    return new VerificationError('request_too_large', `The body has more than ${this.#maxBody} bytes.`)
  }
}

/** @internal Whether an answer means that the event was handled: whoever sent it comes back after any other. */
export function succeeded(status: unknown): boolean {
  return typeof status !== 'number' || (status >= 200 && status < 300)
}

function verifier(given: unknown): Chosen {
  if (given instanceof Webhook || given instanceof Provider) return given
  if (typeof (given as Verifier | undefined)?.verify === 'function') return given as Verifier
  throw invalidArgument(`Expected a Webhook, not ${kindOf(given)}: verified(webhook, …).`)
}

/** @internal A body while it comes in: refused as soon as it is larger than allowed. */
export class Body {
  readonly #chunks: Uint8Array[] = []
  readonly #max: number
  readonly #tooLarge: () => Error
  #size = 0

  constructor(max: number, tooLarge: () => Error) {
    this.#max = max
    this.#tooLarge = tooLarge
  }

  /** What is no number is for the server to refuse. */
  declare(length: string | null | undefined): void {
    if (length && /^\d+$/.test(length)) this.#check(Number(length))
  }

  add(chunk: unknown): void {
    if (!types.isUint8Array(chunk)) throw consumed(`It came as ${kindOf(chunk)} (was setEncoding called?).`)
    this.#size += chunk.length
    this.#check(this.#size)
    this.#chunks.push(chunk)
  }

  end(): Uint8Array {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
  }

  #check(size: number): void {
    if (size > this.#max) throw this.#tooLarge()
  }
}

/** @internal A body that was read before, if there is one that can be trusted to be the raw one. */
export function rawOf(...candidates: unknown[]): Uint8Array | undefined {
  const found = candidates.find((candidate) => types.isUint8Array(candidate))
  return found === undefined ? undefined : bytes(found)
}

/** @internal */
export function consumed(remedy: string): Error {
  return invalidArgument(
    `The raw body of the request is gone: something that ran before has read it. ${remedy}`,
  )
}

/** @internal */
export function peerLeft(): VerificationError {
  return new VerificationError('invalid_payload', 'The peer went away before its body ended.')
}
