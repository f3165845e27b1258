import { inspect } from 'node:util'

import { bytes } from './body.js'
import { kindOf } from './check.js'
import { calling, invalidArgument } from './errors.js'
import native = require('./native.js')
import { Provider } from './provider.js'

/**
 * A signing key. It shows as `Secret([redacted])` wherever it is printed; its copy outside JavaScript is wiped
 * when it is collected, the string it was made from cannot be.
 */
export class Secret {
  readonly #native: native.Secret

  /**
   * A secret as a provider shows it, such as `whsec_MfKQ…`. Whitespace around it is dropped.
   *
   * @throws ConfigError `invalid_secret` if nothing is left: with an empty key anybody can sign
   */
  constructor(text: string)
  /** @internal */
  constructor(secret: native.Secret)
  constructor(secret: string | native.Secret) {
    this.#native = secret instanceof native.Secret ? secret : parsed(secret)
  }

  /**
   * A key as raw bytes, used as they are whatever encoding the provider writes its secrets in.
   *
   * @throws ConfigError `invalid_secret` if there are no bytes
   */
  static fromBytes(key: Uint8Array | ArrayBuffer): Secret {
    if (typeof key === 'string')
      throw invalidArgument('The key must be bytes; for text use new Secret(text).')
    return new Secret(calling(() => native.Secret.fromBytes(bytes(key))))
  }

  /**
   * A new random secret of the kind that the provider uses.
   *
   * @throws ConfigError `unknown_provider`
   */
  static generate(provider: string | Provider = 'standard'): Secret {
    return new Secret(calling(() => Provider.native(provider).generateSecret()))
  }

  /**
   * A new private key (`whsk_…`), where the provider has asymmetric signatures; its `public()` half is for the
   * receivers.
   *
   * @throws ConfigError `unknown_provider`, `invalid_secret` where there are none
   */
  static generatePrivateKey(provider: string | Provider = 'standard'): Secret {
    return new Secret(calling(() => Provider.native(provider).generatePrivateKey()))
  }

  /**
   * The secret in the clear, to show it once to its owner or to store it; never log it.
   *
   * @throws ConfigError `invalid_secret` for raw bytes that are not text
   */
  expose(): string {
    return calling(() => this.#native.expose())
  }

  /**
   * The public half (`whpk_…`) of an ed25519 secret (`whsk_…`), for those who only verify.
   *
   * @throws ConfigError `invalid_secret` if this is no `whsk_` secret
   */
  public(): Secret {
    return new Secret(calling(() => this.#native.public()))
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  /** @internal */
  [inspect.custom](): string {
    return REDACTED
  }

  /** @internal One secret or several, newest first. */
  static natives(given: unknown): native.Secret[] {
    return (Array.isArray(given) ? given : [given]).map((secret) => Secret.#of(secret))
  }

  static #of(secret: unknown): native.Secret {
    return secret instanceof Secret ? secret.#native : parsed(secret)
  }
}

function parsed(secret: unknown): native.Secret {
  if (typeof secret === 'string') return calling(() => native.Secret.parse(secret))
  const hint = ArrayBuffer.isView(secret)
    ? ': raw bytes are passed as Secret.fromBytes(bytes)'
    : secret === undefined
      ? '; is the setting or environment variable that holds it missing?'
      : '.'
  throw invalidArgument(`The secret must be a string or a Secret, not ${kindOf(secret)}${hint}`)
}

const REDACTED = 'Secret([redacted])'
