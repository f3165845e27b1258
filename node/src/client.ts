import { abortable, optionalSignal } from './abort.js'
import { bytes } from './body.js'
import { flag, options as checked } from './check.js'
import { type ErrorCode, type HooksealError, calling, dressed } from './errors.js'
import { Endpoint, privateNetworks } from './endpoint.js'
import { Event } from './event.js'
import native = require('./native.js')

export interface ClientOptions {
  /** Whether plain http is allowed. */
  allowHttp?: boolean
  /** Whether private addresses are allowed, or which networks of them, such as `10.0.0.0/8`. */
  allowPrivate?: boolean | readonly string[]
  /** Certificate authorities in PEM to trust besides the public ones. */
  caCertificates?: string | Uint8Array
}

export interface DeliverOptions {
  /** Stops the delivery, at whatever point it is. */
  signal?: AbortSignal
}

/** What came of a delivery. */
export interface Delivery {
  /** Whether the receiver accepted the event. */
  delivered: boolean
  status: 'delivered' | 'failed'
  /** Every attempt, in order; there is at least one. */
  attempts: Attempt[]
  /** Whether the receiver asked for no more events: stop sending to this endpoint. */
  disableEndpoint: boolean
}

/** One HTTP request and its outcome. */
export interface Attempt {
  /** Which attempt of its delivery it was, from 1. */
  number: number
  startedAt: Date
  /** From the look-up of the host's name to the last byte of the response. */
  durationMs: number
  /** Whether the receiver answered 2xx. */
  succeeded: boolean
  /** The status code, if the receiver got as far as answering. */
  responseCode: number | undefined
  /** Why there is no complete response; absent for an answer of any status. */
  error: HooksealError | undefined
  errorCode: ErrorCode | undefined
  /** The beginning of the response's body, as it came. */
  responseBody: Uint8Array
  /** Whether the body went on; the rest was not read. */
  responseTruncated: boolean
  responseHeaders: [name: string, value: string][]
  /** The headers that were sent; values of the endpoint's own headers are redacted. */
  requestHeaders: [name: string, value: string][]
  /** Whether the host's name resolved to forbidden addresses besides the one that was tried. */
  mixedDns: boolean
}

/** Delivers events: signed, retried, and only to where they may go. Keep one; it keeps its connections. */
export class Client {
  readonly #native: native.Client

  /** @throws ConfigError `invalid_argument` */
  constructor(options?: ClientOptions) {
    const { allowHttp = false, allowPrivate = false, caCertificates } = checked(options)
    this.#native = calling(
      () =>
        new native.Client({
          allowHttp: flag(allowHttp, 'allowHttp'),
          allowPrivate: privateNetworks(allowPrivate) ?? false,
          caCertificates: caCertificates === undefined ? undefined : bytes(caCertificates),
        }),
    )
  }

  /**
   * Delivers an event, with the endpoint's retries, and resolves when it was accepted or has failed for good;
   * the failures of its attempts are in the result.
   *
   * The waiting between retries happens here, for as long as the policy says: a process that ends meanwhile has
   * not delivered.
   *
   * @throws ConfigError if nothing can be sent, such as `invalid_url` for plain http without `allowHttp`
   * @throws DeliveryError `blocked_address` if the url names a private address
   * @throws the signal's reason if it is aborted
   */
  async deliver(endpoint: Endpoint, event: Event, options?: DeliverOptions): Promise<Delivery> {
    const { signal } = checked(options)
    const [until, to, what] = [optionalSignal(signal), Endpoint.native(endpoint), Event.native(event)]
    const { delivery, failure } = await abortable(until, async (cancellation) =>
      calling(() => this.#native.deliver(to, what, cancellation)),
    )
    if (delivery === undefined) throw dressed(failure)
    return {
      delivered: delivery.status === 'delivered',
      status: delivery.status,
      attempts: delivery.attempts.map(attempt),
      disableEndpoint: delivery.disableEndpoint,
    }
  }
}

function attempt({ startedAt, responseCode, error: failure, ...rest }: native.Attempt): Attempt {
  const error = failure && (dressed(failure) as HooksealError)
  return { ...rest, startedAt: new Date(startedAt), responseCode, error, errorCode: error?.code }
}
