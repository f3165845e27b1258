import { optionalText, options as checked } from './check.js'
import { calling } from './errors.js'
import native = require('./native.js')
import { Secret } from './secret.js'
import { type Instant, optionalMillis } from './time.js'

export interface HandshakeOptions {
  /** What time it is; the clock's time if not given. */
  now?: Instant
  /** The request's url, or its path and query: several vendors ask there. */
  url?: string
  /** The request's method; POST if not given. */
  method?: string
  /** The token that was agreed on with the vendor when the endpoint was registered (Meta); no signing secret. */
  verifyToken?: string
}

/** What to answer a vendor's handshake: the request is no event, so nothing else is to be done. */
export interface HandshakeAnswer {
  status: number
  /** Every header of the response, names in lower case. */
  headers: Readonly<Record<string, string>>
  /** The body of the response; often a short text, and sometimes nothing. */
  body: string
  /**
   * The secret that the vendor gives away in this request, and nowhere else (Asana, Clio). Nothing proves who sent it:
   * keep it only while an endpoint is being registered, and never in place of one that is in use.
   */
  secret?: Secret | undefined
}

/** @internal The answer that the addon gives, if any. */
export function handshakeAnswer(
  ask: (question: native.Question) => native.HandshakeAnswer | null,
  options: HandshakeOptions | undefined,
): HandshakeAnswer | undefined {
  const { now, url, method, verifyToken } = checked(options)
  const question = {
    now: optionalMillis(now, 'now'),
    url: optionalText(url, 'url'),
    method: optionalText(method, 'method'),
    verifyToken: optionalText(verifyToken, 'verifyToken'),
  }
  const answer = calling(() => ask(question))
  if (answer === null) return undefined
  const { status, headers, body, secret } = answer
  return {
    status,
    headers: Object.fromEntries(headers),
    body,
    secret: secret === undefined ? undefined : new Secret(secret),
  }
}
