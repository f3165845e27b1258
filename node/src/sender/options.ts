import { bytes } from '../body.js'
import { count, flag, kindOf } from '../check.js'
import { privateNetworks } from '../endpoint.js'
import { invalidArgument } from '../errors.js'
import native = require('../native.js')
import { Provider } from '../provider.js'
import { Secret } from '../secret.js'
import { seconds } from '../time.js'

export interface SenderOptions {
  /** The conventions to send by; Standard Webhooks if not given. */
  provider?: string | Provider
  /** Whether plain http is allowed. */
  allowHttp?: boolean
  /** Whether private addresses are allowed, or which networks of them, such as `10.0.0.0/8`. */
  allowPrivate?: boolean | readonly string[]
  /** Certificate authorities in PEM to trust besides the public ones. */
  caCertificates?: string | Uint8Array
  /** Seals the secrets and headers of endpoints in the store; without it they are stored in the clear. */
  key?: string | Secret
  /** Whether events that are not in the provider's catalog are refused. */
  strict?: boolean
  /** The largest body in bytes; 1 MiB if not given. */
  maxBody?: number
  /** The most requests on their way at once; 256 if not given. */
  concurrency?: number
  /** How long things are kept: the usual times (true), for ever (false), or some times of your own. */
  retention?: boolean | Retention
}

/** How long things are kept, in seconds from the end of their delivery. */
export interface Retention {
  /** Deliveries of a disabled endpoint, from when it was disabled: 7 days. */
  held?: number
  /** Attempts: 30 days. */
  attempts?: number
  /** Bodies: 30 days. */
  bodies?: number
  /** Deliveries: 90 days. */
  deliveries?: number
  /** Ids that must not come twice, from when they were stored: 90 days. */
  ids?: number
  /** What was counted for `usage`: 400 days. */
  usage?: number
}

/** @internal */
export function settingsOf(options: Omit<SenderOptions, 'provider' | 'key'>): native.SenderOptions {
  const { allowHttp = false, allowPrivate = false, caCertificates, strict = false } = options
  const { maxBody, concurrency, retention } = options
  return {
    allowHttp: flag(allowHttp, 'allowHttp'),
    allowPrivate: privateNetworks(allowPrivate) ?? false,
    caCertificates: caCertificates === undefined ? undefined : bytes(caCertificates),
    strict: flag(strict, 'strict'),
    maxBody: maxBody === undefined ? undefined : count(maxBody, 'maxBody'),
    concurrency: concurrency === undefined ? undefined : count(concurrency, 'concurrency'),
    retention: retention === undefined ? undefined : retentionOf(retention),
  }
}

function retentionOf(retention: unknown): boolean | native.Retention {
  if (typeof retention === 'boolean') return retention
  if (typeof retention !== 'object' || retention === null || Array.isArray(retention)) {
    throw invalidArgument(`retention must be true, false or an object, not ${kindOf(retention)}.`)
  }
  const entries = Object.entries(retention).filter(([, span]) => span !== undefined)
  return Object.fromEntries(entries.map(([name, span]) => [name, seconds(span, `retention.${name}`)]))
}
