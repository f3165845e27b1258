import { flag, kindOf, options as checked, text } from './check.js'
import { calling, invalidArgument } from './errors.js'
import native = require('./native.js')
import { Provider } from './provider.js'
import { RetryPolicy } from './retry.js'
import { Secret } from './secret.js'
import { seconds } from './time.js'

export interface EndpointOptions {
  /** The conventions to deliver by; Standard Webhooks if not given. */
  provider?: string | Provider
  /** How long one attempt may take, in seconds; the provider's if not given. */
  timeout?: number
  /** Whether plain http is allowed; the client's if not given. */
  allowHttp?: boolean
  /** Whether private addresses are allowed, or which networks of them; the client's if not given. */
  allowPrivate?: boolean | readonly string[]
  /** Further headers to send. */
  headers?: Readonly<Record<string, string>>
  /** When a failed delivery is tried again; the provider's policy if not given. */
  retry?: RetryPolicy
}

/** Where events are delivered: a url and the secrets to sign with. */
export class Endpoint {
  readonly url: string
  readonly #native: native.Endpoint

  /**
   * `secret` is one secret or several, newest first; only some providers may go without.
   *
   * @throws ConfigError `invalid_url`, `invalid_secret`, `unknown_provider`, `invalid_argument`
   */
  constructor(
    url: string,
    secret?: string | Secret | readonly (string | Secret)[],
    options?: EndpointOptions,
  ) {
    const { provider = 'standard', timeout, allowHttp, allowPrivate, headers = {}, retry } = checked(options)
    this.url = text(url, 'url')
    const secrets = secret === undefined ? [] : Secret.natives(secret)
    const endpoint = {
      timeout: timeout === undefined ? undefined : seconds(timeout, 'timeout'),
      allowHttp: allowHttp === undefined ? undefined : flag(allowHttp, 'allowHttp'),
      allowPrivate: privateNetworks(allowPrivate),
      headers: headerList(headers),
    }
    const policy = retry === undefined ? undefined : RetryPolicy.native(retry)
    this.#native = calling(
      () => new native.Endpoint(url, Provider.native(provider), secrets, endpoint, policy),
    )
  }

  /** @internal */
  static native(endpoint: unknown): native.Endpoint {
    if (endpoint instanceof Endpoint) return endpoint.#native
    throw invalidArgument(`The endpoint must be an Endpoint, not ${kindOf(endpoint)}.`)
  }
}

/** @internal Which private networks may be reached: all, none, or those of a list. */
export function privateNetworks(allowed: unknown): boolean | string[] | undefined {
  if (allowed === undefined || typeof allowed === 'boolean') return allowed
  if (Array.isArray(allowed)) return allowed.map((network) => text(network, 'A network of allowPrivate'))
  throw invalidArgument(`allowPrivate must be true, false or a list of networks, not ${kindOf(allowed)}.`)
}

/** @internal */
export function headerList(headers: unknown): [name: string, value: string][] {
  if (typeof headers !== 'object' || headers === null) {
    throw invalidArgument(`headers must be an object, not ${kindOf(headers)}.`)
  }
  return Object.entries(headers).map(([name, value]) => [name, text(value, `The header ${name}`)])
}
