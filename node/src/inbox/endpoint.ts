import { options as checked, kindOf } from '../check.js'
import { ConfigError, HooksealError, invalidArgument } from '../errors.js'
import type { Framework } from '../explanation.js'
import { Inbox } from '../inbox.js'
import native = require('../native.js')
import { type RawRequest, type ReceiveOptions, Receiver, type Reply } from '../receiver.js'

/** What the endpoint of an inbox may be told. */
export interface EndpointOptions {
  /**
   * The url that is registered with the provider, for those that sign it. `https://example.com` serves every path;
   * to a url with a path only the request's query is added.
   */
  url?: string
  /** Called with what a request was refused for, or why the store cannot take it, to log it. */
  onRefused?: (error: HooksealError) => void
  /** The token that was agreed on with the vendor for its handshake (Meta); no signing secret. */
  verifyToken?: string
}

/** @internal Receives into an inbox, and finds the answer. */
export class InboxReceiver {
  /** Reads bodies. */
  readonly receiver: Receiver
  readonly #inbox: Inbox
  readonly #onRefused: ((error: HooksealError) => void) | undefined

  constructor(inbox: unknown, options: EndpointOptions | undefined, framework: Framework) {
    const { url, onRefused, verifyToken } = checked(options)
    if (!(inbox instanceof Inbox)) {
      throw invalidArgument(`Expected an Inbox, not ${kindOf(inbox)}: endpoint(inbox).`)
    }
    if (onRefused !== undefined && typeof onRefused !== 'function') {
      throw invalidArgument(`onRefused must be a function, not ${kindOf(onRefused)}.`)
    }
    this.receiver = new Receiver(
      inbox.webhook,
      () => {},
      { maxBody: inbox.maxBody, url, verifyToken } as ReceiveOptions,
      framework,
    )
    this.#inbox = inbox
    this.#onRefused = onRefused
  }

  /** The answer, once the event is durable; what is a mistake of the application is thrown. */
  async receive(request: () => Promise<RawRequest>): Promise<Reply> {
    try {
      const received = await request()
      const reply = await this.receiver.handshake(this.#inbox.webhook, received)
      if (reply !== undefined) return reply
      const { body, headers, method, target = '/' } = received
      const url = this.receiver.url(target)
      await this.#inbox.receive(body, headers, { url, method })
      return { status: 200, headers: {}, body: '' }
    } catch (error) {
      if (!(error instanceof HooksealError)) throw error
      return this.#refused(error)
    }
  }

  #refused(error: HooksealError): Reply {
    const { status, retryAfter } = native.refusal(error.code)
    if (error instanceof ConfigError && retryAfter === undefined) throw error
    this.#onRefused?.(error)
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
    return { status, headers, body: JSON.stringify({ code: error.code }) }
  }
}
