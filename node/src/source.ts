import { calling, dressed } from './errors.js'
import native = require('./native.js')

/** @internal What an event is read from: bytes that are vouched for, and that nobody else has. */
export interface Source {
  readonly keyIndex: number
  body(): Buffer
  /** What the body says. */
  facts(): Facts
  text(name: 'id' | 'type' | 'tenant'): string | undefined
  /** In milliseconds since 1970. */
  timestamp(): number | undefined
  /** The same for the addon. */
  event(): native.Event
}

interface Facts {
  id: string | undefined
  type: string | undefined
  tenant: string | undefined
  timestamp: number | undefined
  payload: Span
  data: Span
  /** Why there are no data. */
  fault: string | undefined
}

/** Where a part of the body begins and ends. */
type Span = readonly [start: number, end: number]

/**
 * @internal A request that was verified. The caller may change its body at any time, so what is read is read from
 * a copy.
 *
 * Small bodies are copied when they are verified, which costs far less than to verify them again. Large ones are
 * copied when something is read, if ever, and then the copy is verified.
 */
export class Verified implements Source {
  readonly keyIndex: number
  readonly #webhook: native.WebhookHandle
  readonly #now: number
  readonly #headers: native.HeaderLists
  readonly #url: string | undefined
  readonly #method: string | undefined
  /** The caller's body. */
  readonly #given: Uint8Array
  /** What the copy is a part of, if there is one already. */
  readonly #slab: Buffer | undefined
  readonly #start: number
  #body: Buffer | undefined
  #facts: Facts | undefined
  #all: Facts | undefined

  constructor(
    webhook: native.WebhookHandle,
    body: Uint8Array,
    now: number,
    headers: native.HeaderLists,
    url: string | undefined,
    method: string | undefined,
  ) {
    this.#webhook = webhook
    this.#now = now
    this.#headers = headers
    this.#url = url
    this.#method = method
    this.#given = body
    this.keyIndex = this.#verify(body)
    // Nobody else's code runs between these lines.
    this.#start = copy(body)
    this.#slab = this.#start < 0 ? undefined : slab
  }

  body(): Buffer {
    if (this.#body !== undefined) return this.#body
    if (this.#slab !== undefined) {
      return (this.#body = this.#slab.subarray(this.#start, this.#start + this.#given.length))
    }
    const own = Buffer.from(this.#given)
    this.#verify(own)
    return (this.#body = own)
  }

  facts(): Facts {
    return (this.#facts ??= facts(native.factsInBody(this.#webhook, this.body(), measures)))
  }

  /** What the body does not say the headers may. */
  text(name: 'id' | 'type' | 'tenant'): string | undefined {
    return this.facts()[name] ?? this.#more()[name]
  }

  timestamp(): number | undefined {
    return this.facts().timestamp ?? this.#more().timestamp
  }

  event(): native.Event {
    return native.eventOfVerified(this.#webhook, this.body(), this.keyIndex, this.#headers)
  }

  #more(): Facts {
    return (this.#all ??= calling(() =>
      facts(native.factsOfVerified(this.#webhook, this.body(), this.keyIndex, this.#headers, measures)),
    ))
  }

  #verify(body: Uint8Array): number {
    const [headers, url, method] = [this.#headers, this.#url, this.#method]
    const verified =
      areFew(headers) && url === undefined && method === undefined
        ? native.verify(this.#webhook, body, this.#now, headers[0], headers[1], headers[2])
        : native.verifyWith(this.#webhook, body, this.#now, headers, url, method)
    if (typeof verified === 'number') return verified
    throw dressed(verified)
  }
}

/** @internal An event that the addon has: one that a provider made, or that an inbox received. */
export class Composed implements Source {
  readonly keyIndex: number
  readonly #event: native.Event
  #body: Buffer | undefined
  #facts: Facts | undefined

  constructor(event: native.Event, keyIndex = 0) {
    this.keyIndex = keyIndex
    this.#event = event
  }

  body(): Buffer {
    return (this.#body ??= Buffer.from(this.#event.body()))
  }

  facts(): Facts {
    return (this.#facts ??= facts(this.#event.facts(measures)))
  }

  text(name: 'id' | 'type' | 'tenant'): string | undefined {
    return this.facts()[name]
  }

  timestamp(): number | undefined {
    return this.facts().timestamp
  }

  event(): native.Event {
    return this.#event
  }
}

/** Whether these are so few that the addon takes them one by one, which is faster. */
function areFew(headers: native.HeaderLists): headers is (string | undefined)[] {
  if (headers.length > 3) return false
  for (const values of headers) if (typeof values === 'object') return false
  return true
}

/** Takes apart what the addon has told. */
function facts(texts: native.EventFacts): Facts {
  // One by one: to destructure an array of numbers takes V8 as long as all the rest.
  const [id, type, tenant, timestamp] = [measures[0]!, measures[1]!, measures[2]!, measures[3]!]
  let at = 0
  const next = (length: number) => (length < 0 ? undefined : texts.slice(at, (at += length)))
  return {
    id: next(id),
    type: next(type),
    tenant: next(tenant),
    timestamp: Number.isNaN(timestamp) ? undefined : timestamp,
    payload: [measures[4]!, measures[5]!],
    data: [measures[6]!, measures[7]!],
    fault: at < texts.length ? texts.slice(at) : undefined,
  }
}

/** Copies a body into the slab, and tells where to; -1 for one that is too large. */
function copy(body: Uint8Array): number {
  const { length } = body
  if (length > LARGEST) return -1
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB)
    used = 0
  }
  const start = used
  slab.set(body, start)
  used += length
  return start
}

/** As `Buffer.from` does it, in larger pieces: to make room for 4 KiB takes V8 longer than to verify them. */
let slab = Buffer.alloc(0)
let used = 0
const SLAB = 64 * 1024
const LARGEST = 16 * 1024

/** Where the addon writes the numbers of `EventFacts`. */
const measures = new Float64Array(8)
