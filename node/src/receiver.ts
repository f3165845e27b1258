import { types } from 'node:util'

import { bytes } from './body.js'
import { count, kindOf, optionalText, options as checked } from './check.js'
import { VerificationError, invalidArgument } from './errors.js'
import type { Event } from './event.js'
import type { Framework } from './explanation.js'
import type { RequestHeaders } from './headers.js'
import native = require('./native.js')
import { Webhook } from './webhook.js'

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
}

/** @internal A request as every adapter takes it apart. */
export interface RawRequest {
  body: Uint8Array
  headers: RequestHeaders
  method: string | undefined
  /** The path and the query. */
  target: string | undefined
}

/** @internal What a refused request is answered with: JSON. */
export interface Refusal {
  status: number
  body: string
}

/** @internal How requests are received: by which webhook, how large, and under which url. */
export class Receiver {
  readonly #webhook: Webhook<any>
  readonly #framework: Framework
  readonly #maxBody: number
  readonly #url: string | undefined
  readonly #onRefused: ((error: VerificationError) => void) | undefined

  constructor(webhook: unknown, handler: unknown, options: ReceiveOptions | undefined, framework: Framework) {
    const { maxBody = native.maxBody(), url, onRefused } = checked(options)
    if (!(webhook instanceof Webhook)) {
      throw invalidArgument(`Expected a Webhook, not ${kindOf(webhook)}: verified(webhook, …).`)
    }
    for (const call of [handler, onRefused ?? handler]) {
      if (typeof call !== 'function') throw invalidArgument(`Expected a function, not ${kindOf(call)}.`)
    }
    this.#webhook = webhook
    this.#framework = framework
    this.#maxBody = count(maxBody, 'maxBody')
    this.#url = optionalText(url, 'url')
    this.#onRefused = onRefused
  }

  /** Lets the handler have the event, or refuses what is not to be trusted or not of the shape that it reads. */
  async receive<T>(
    request: () => Promise<RawRequest>,
    handler: (event: any) => T | Promise<T>,
    refuse: (refusal: Refusal, error: VerificationError) => T,
  ): Promise<T> {
    try {
      return await handler(this.#verify(await request()))
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error
      // Only in development mode; the peer never sees it.
      error.notes?.forEach((note) => console.warn(`hookseal: ${note}`))
      this.#onRefused?.(error)
      return refuse({ status: error.httpStatus, body: JSON.stringify({ code: error.code }) }, error)
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

  #verify({ body, headers, method, target }: RawRequest): Event {
    const url = this.#url === undefined ? undefined : native.publicUrl(this.#url, target ?? '/')
    return this.#webhook.verify(body, headers, { url, method, framework: this.#framework })
  }

  #tooLarge(): VerificationError {
    return new VerificationError('request_too_large', `The body has more than ${this.#maxBody} bytes.`)
  }
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
