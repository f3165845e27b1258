import { count, flag, number, optionalText, options as checked, text } from '../check.js'
import { headerList, privateNetworks } from '../endpoint.js'
import { type ErrorCode } from '../errors.js'
import native = require('../native.js')
import { RetryPolicy } from '../retry.js'
import { Secret } from '../secret.js'
import { date, seconds } from '../time.js'
import { answered } from './answer.js'
import { type Patterns, id as checkedId, optionalSecret, patterns } from './arguments.js'
import { type Page, type PageOptions, page } from './page.js'

/** How an endpoint of a sender may be set up. */
export interface EndpointSettings {
  /** For people. */
  name?: string
  /** Which events it gets; all if not given. */
  events?: Patterns
  /** Whose events it gets; those of all tenants if not given. */
  tenant?: string
  /** Further headers to send, such as `authorization`; their values are never shown. */
  headers?: Readonly<Record<string, string>>
  /** How long one attempt may take, in seconds; the provider's if not given. */
  timeout?: number
  /** The most requests on their way at once; 16 if not given. */
  concurrency?: number
  /** The most requests in a second; not limited if not given. */
  rateLimit?: number
  /** Whether deliveries go out one at a time, in the order of their messages: one that fails holds up the others. */
  ordered?: boolean
  /** When a failed delivery is tried again; the provider's policy if not given. */
  retry?: RetryPolicy
  /** Whether plain http is allowed; the sender's if not given. */
  allowHttp?: boolean
  /** Whether private addresses are allowed, or which networks of them; the sender's if not given. */
  allowPrivate?: boolean | readonly string[]
}

export interface NewEndpoint extends EndpointSettings {
  /** What requests are signed with; generated if not given and the provider signs always. */
  secret?: string | Secret
}

/** What is not given stays; `null` goes back to the default. */
export type EndpointChanges = {
  [Name in keyof EndpointSettings]?: EndpointSettings[Name] | null
} & {
  url?: string
  /** Fails with `conflict` if the endpoint's version is another. */
  version?: number
}

export interface EndpointListOptions extends PageOptions {
  /** Those of this tenant alone. */
  tenant?: string
  /** Only active, or only disabled ones. */
  active?: boolean
}

export interface RotateOptions {
  /** The new secret; generated if not given. */
  secret?: string | Secret
  /** For how many seconds the old ones sign beside it; a day if not given. */
  overlap?: number
}

/** An endpoint of a sender, as it is stored. */
export interface StoredEndpoint {
  id: number
  url: string
  name: string
  /** Which events it gets; an empty list is all. */
  events: string[]
  /** How many types of the provider's catalog these are. */
  subscribed: number
  tenant?: string
  /** The names of its custom headers. */
  headerNames: string[]
  /** In seconds, if it is not the provider's. */
  timeout?: number
  concurrency: number
  rateLimit?: number
  ordered: boolean
  /** If it is not the provider's policy. */
  retry?: RetryPolicy
  /** If it is not the sender's to say. */
  allowHttp?: boolean
  /** If it is not the sender's to say. */
  allowPrivate?: boolean | string[]
  status: 'active' | 'disabled'
  /** `refused`: the receiver asked for no more events. */
  disabledReason?: 'user' | 'failures' | 'refused'
  disabledAt?: Date
  /** Failures in a row, as the provider's rule counts them. */
  failures: number
  lastAttemptAt?: Date
  lastResponseCode?: number
  /** Why the last attempt got no response. */
  lastErrorCode?: ErrorCode
  /** Grows with every change. */
  version: number
  createdAt: Date
  updatedAt: Date
}

/** An endpoint that was just created. */
export interface CreatedEndpoint extends StoredEndpoint {
  /** What its requests are signed with, shown this once; absent if they are not signed. */
  secret: Secret | undefined
}

/** Endpoints of a sender: who gets events. */
export class Endpoints {
  readonly #native: native.Sender

  /** @internal */
  constructor(sender: native.Sender) {
    this.#native = sender
  }

  /**
   * Creates an endpoint.
   *
   * @throws ConfigError `invalid_url`, `invalid_secret`, `invalid_argument`
   * @throws DeliveryError `blocked_address` if the url names a private address
   */
  async create(url: string, options?: NewEndpoint): Promise<CreatedEndpoint> {
    const { secret, ...settings } = checked(options)
    const fields = { ...fieldsOf(settings), url: text(url, 'url') }
    const [key, retry] = [optionalSecret(secret, 'secret'), policy(settings.retry)]
    const created = await answered(() => this.#native.createEndpoint(fields, key, retry))
    return { ...stored(created.endpoint), secret: created.secret && new Secret(created.secret) }
  }

  /** @throws ConfigError `not_found` */
  async get(id: number): Promise<StoredEndpoint> {
    return stored(await answered(() => this.#native.endpoint(checkedId(id, 'id'))))
  }

  /** Endpoints in the order of their creation. */
  async list(options?: EndpointListOptions): Promise<Page<StoredEndpoint>> {
    const { tenant, active } = checked(options)
    const wanted = active === undefined ? undefined : flag(active, 'active')
    const whose = optionalText(tenant, 'tenant')
    return page(
      options,
      (cursor, limit) => answered(() => this.#native.listEndpoints(whose, wanted, cursor, limit)),
      stored,
    )
  }

  /**
   * Changes an endpoint. What is pending goes to the new url under the new settings.
   *
   * @throws ConfigError `not_found`, `conflict`, and those of `create`
   */
  async update(id: number, changes: EndpointChanges): Promise<StoredEndpoint> {
    const { url, version, ...settings } = checked(changes)
    const given = Object.entries(settings)
    const reset = given.filter(([, value]) => value === null).map(([name]) => name)
    const kept: EndpointSettings = Object.fromEntries(given.filter(([, value]) => value !== null))
    const fields = { ...fieldsOf(kept), url: optionalText(url, 'url') }
    const expected = version === undefined ? undefined : checkedId(version, 'version')
    const endpoint = checkedId(id, 'id')
    return stored(
      await answered(() =>
        this.#native.updateEndpoint(endpoint, fields, policy(kept.retry), reset, expected),
      ),
    )
  }

  /** Enables an endpoint: failures are forgotten, and what was held is delivered. False if it was enabled. */
  async enable(id: number): Promise<boolean> {
    return answered(() => this.#native.enableEndpoint(checkedId(id, 'id')))
  }

  /** Disables an endpoint: it gets no more events, and what is pending is held. False if it was disabled. */
  async disable(id: number): Promise<boolean> {
    return answered(() => this.#native.disableEndpoint(checkedId(id, 'id')))
  }

  /** Deletes an endpoint and its secrets. What is pending is canceled; the log stays. */
  async delete(id: number): Promise<void> {
    await answered(() => this.#native.deleteEndpoint(checkedId(id, 'id')))
  }

  /**
   * Gives an endpoint another secret and returns it. The old ones sign beside it for a while, where requests of
   * the provider carry several signatures.
   *
   * @throws ConfigError `not_found`, `invalid_secret`
   */
  async rotateSecret(id: number, options?: RotateOptions): Promise<Secret> {
    const { secret, overlap = 86_400 } = checked(options)
    const [key, span] = [optionalSecret(secret, 'secret'), seconds(overlap, 'overlap')]
    return new Secret(await answered(() => this.#native.rotateSecret(checkedId(id, 'id'), key, span)))
  }
}

function fieldsOf(settings: EndpointSettings): native.EndpointFields {
  const { name, events, tenant, headers, timeout, concurrency, rateLimit, ordered } = settings
  const { allowHttp, allowPrivate } = settings
  return {
    name: optionalText(name, 'name'),
    events: patterns(events, 'events'),
    tenant: optionalText(tenant, 'tenant'),
    headers: headers === undefined ? undefined : headerList(headers),
    timeout: timeout === undefined ? undefined : seconds(timeout, 'timeout'),
    concurrency: concurrency === undefined ? undefined : count(concurrency, 'concurrency'),
    rateLimit: rateLimit === undefined ? undefined : number(rateLimit, 'rateLimit'),
    ordered: ordered === undefined ? undefined : flag(ordered, 'ordered'),
    allowHttp: allowHttp === undefined ? undefined : flag(allowHttp, 'allowHttp'),
    allowPrivate: privateNetworks(allowPrivate),
  }
}

function policy(retry: RetryPolicy | undefined): native.RetryPolicy | undefined {
  return retry === undefined ? undefined : RetryPolicy.native(retry)
}

function stored(endpoint: native.StoredEndpoint): StoredEndpoint {
  const { retry, lastErrorCode, disabledAt, lastAttemptAt, createdAt, updatedAt } = endpoint
  return {
    ...endpoint,
    retry: retry && new RetryPolicy(retry),
    lastErrorCode: lastErrorCode as ErrorCode | undefined,
    disabledAt: date(disabledAt),
    lastAttemptAt: date(lastAttemptAt),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  }
}
