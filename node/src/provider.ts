import { type Body, bytes } from './body.js'
import { kindOf, optionalText, options as checked, text } from './check.js'
import { calling, invalidArgument } from './errors.js'
import { Event } from './event.js'
import { type HandshakeAnswer, type HandshakeOptions, handshakeAnswer } from './handshake.js'
import { HeaderReader, type RequestHeaders } from './headers.js'
import native = require('./native.js')
import { RetryPolicy } from './retry.js'
import { type Instant, optionalMillis } from './time.js'

/** A kind of event in a provider's catalog. */
export interface EventType {
  name: string
  description: string
  /** An example of the event's `data`, if the catalog has one. */
  example: unknown
}

export interface EventOptions {
  /** The event's id; made if not given. */
  id?: string
  /** When it happened; now if not given. */
  timestamp?: Instant
  /** Whose event it is, for providers that say so. */
  tenant?: string
}

/** One way in which a provider signs. */
export interface SignatureForm {
  /** The headers that are looked at, in lower case; the first is the one senders write. None where it is in the body. */
  headers: readonly string[]
  /** `hmac-sha256`, `ed25519`, … as in a provider file; `token` is the secret itself, which proves nothing of the body. */
  algorithm: string
  /** `hex`, `base64`, … as in a provider file. */
  encoding: string | undefined
  /** The template of what is signed, such as `{timestamp}.{body}`. */
  signed: string
  /** How many seconds the signed timestamp may lie off, if one is signed. */
  tolerance: { past: number; future: number } | undefined
  /** Whether a request may carry several signatures, as during a rotation of secrets. */
  several: boolean
  /** Whether the body is signed. Where it is not, only what is signed may be trusted. */
  coversBody: boolean
}

/** The published conventions of one webhook vendor: signature, envelope, delivery policy and event catalog. */
export class Provider {
  /** The name it is asked for by, such as `stripe`. */
  readonly id: string
  readonly name: string
  /** Where its facts come from. */
  readonly sources: readonly string[]
  /** How good those sources are. */
  readonly confidence: string
  /** How requests are signed; several forms where a provider has several, as Standard Webhooks has. */
  readonly signatures: readonly SignatureForm[]
  /** What keeps a request from being accepted twice: a signed time, a signed id, one that is not signed, or nothing. */
  readonly replayProtection: 'timestamp' | 'signed_id' | 'unsigned_id' | 'nothing'
  /** Whether the vendor asks an endpoint to prove that it is its owner's, which `Webhook.handshake` answers. */
  readonly hasHandshake: boolean
  /** What a receiver should know besides. */
  readonly notes: string | undefined
  /** How long one attempt to deliver may take, in seconds. */
  readonly timeout: number
  readonly httpsOnly: boolean
  /** Whether endpoints without a secret get unsigned requests. */
  readonly secretOptional: boolean
  /** What a successful delivery costs. */
  readonly credits: number
  readonly #native: native.Provider

  private constructor(provider: native.Provider) {
    this.#native = provider
    const facts = provider.facts()
    this.id = facts.id
    this.name = facts.name
    this.sources = Object.freeze(facts.sources)
    this.confidence = facts.confidence
    this.signatures = Object.freeze(facts.signatures.map(signatureForm))
    this.replayProtection = facts.replayProtection
    this.hasHandshake = facts.hasHandshake
    this.notes = facts.notes
    this.timeout = facts.timeout
    this.httpsOnly = facts.httpsOnly
    this.secretOptional = facts.secretOptional
    this.credits = facts.credits
  }

  /**
   * The built-in provider of this name.
   *
   * @throws ConfigError `unknown_provider`
   */
  static builtin(id: string): Provider {
    return new Provider(calling(() => native.Provider.builtin(text(id, 'The provider'))))
  }

  /**
   * A provider of your own, in the format of the built-in ones.
   *
   * @throws ConfigError `invalid_provider`
   */
  static fromToml(toml: string): Provider {
    return new Provider(calling(() => native.Provider.fromToml(text(toml, 'The provider'))))
  }

  /**
   * A provider of your own, from a file.
   *
   * @throws ConfigError `invalid_provider`
   */
  static load(path: string): Provider {
    return new Provider(calling(() => native.Provider.load(text(path, 'The path'))))
  }

  /**
   * The answer to a handshake that needs no secret, for endpoints that have none yet: Asana sends it this way.
   * `undefined` if the request is none.
   *
   * @throws VerificationError as `Webhook.handshake`
   * @throws ConfigError `invalid_argument` if this provider's handshake needs the secret
   */
  handshake(body: Body, headers: RequestHeaders, options?: HandshakeOptions): HandshakeAnswer | undefined {
    const raw = bytes(body)
    const values = new HeaderReader(native.handshakeHeaderNames(this.#native)).read(headers)
    return handshakeAnswer(
      (question) => native.handshakeOfProvider(this.#native, raw, values, question),
      options,
    )
  }

  /** The kinds of event in its catalog. */
  get events(): EventType[] {
    const types = this.#native.eventTypes()
    return types.map(({ example, ...type }) => ({ ...type, example: example && JSON.parse(example) }))
  }

  /** When a failed delivery is tried again. */
  get retry(): RetryPolicy {
    return new RetryPolicy(this.#native.retry())
  }

  /**
   * An event as this provider writes it, ready to be signed or delivered. `data` is anything that JSON can hold.
   *
   * @throws ConfigError `invalid_argument` for data that JSON cannot hold
   */
  event<Data>(type: string, data: Data, options?: EventOptions): Event<Data> {
    const { id, timestamp, tenant } = checked(options)
    const event = calling(() =>
      this.#native.event(
        text(type, 'type'),
        json(data),
        optionalText(id, 'id'),
        optionalMillis(timestamp, 'timestamp'),
        optionalText(tenant, 'tenant'),
      ),
    )
    return Event.composed(event)
  }

  /**
   * The example of an event from the catalog, with nothing sent.
   *
   * @throws ConfigError `invalid_argument` if the catalog has no event of this type
   */
  example(type: string): Event {
    return Event.composed(calling(() => this.#native.example(text(type, 'type'))))
  }

  /** @internal A provider, or the name of one that is built in. */
  static native(provider: unknown): native.Provider {
    if (provider instanceof Provider) return provider.#native
    if (typeof provider === 'string') return calling(() => native.Provider.builtin(provider))
    throw invalidArgument(`The provider must be a name or a Provider, not ${kindOf(provider)}.`)
  }

  /** @internal */
  static of(provider: native.Provider): Provider {
    return new Provider(provider)
  }
}

function signatureForm({ encoding, tolerance, ...form }: native.SignatureForm): SignatureForm {
  const [past, future] = tolerance ?? []
  return Object.freeze({
    ...form,
    encoding,
    tolerance: past === undefined || future === undefined ? undefined : { past, future },
  })
}

/** The built-in providers. */
export function providers(): Provider[] {
  return calling(() => native.Provider.ids()).map((id) => Provider.builtin(id))
}

/** @internal */
export function json(data: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch (error) {
    throw invalidArgument(
      `The data cannot be written as JSON: ${error instanceof Error ? error.message : 'it refuses'}.`,
    )
  }
  if (text === undefined) throw invalidArgument(`The data cannot be written as JSON: it is ${kindOf(data)}.`)
  return text
}
