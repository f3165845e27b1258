import { options as checked, kindOf, optionalText } from '../check.js'
import { ConfigError, HooksealError, invalidArgument } from '../errors.js'
import { Inbox } from '../inbox.js'
import native = require('../native.js')
import { type RawRequest, Receiver } from '../receiver.js'

/** What the endpoint of an inbox may be told. */
export interface EndpointOptions {
  /**
   * The url that is registered with the provider, for those that sign it. `https://example.com` serves every path;
   * to a url with a path only the request's query is added.
   */
  url?: string
  /** Called with what a request was refused for, or why the store cannot take it, to log it. */
  onRefused?: (error: HooksealError) => void
}

/** @internal What a request is answered with. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** @internal Receives into an inbox, and finds the answer. */
export class InboxReceiver {
  /** Reads bodies. */
  readonly receiver: Receiver
  readonly #inbox: Inbox
  readonly #url: string | undefined
  readonly #onRefused: ((error: HooksealError) => void) | undefined

  constructor(inbox: unknown, options: EndpointOptions | undefined) {
    const { url, onRefused } = checked(options)
    if (!(inbox instanceof Inbox)) {
      throw invalidArgument(`Expected an Inbox, not ${kindOf(inbox)}: endpoint(inbox).`)
    }
    if (onRefused !== undefined && typeof onRefused !== 'function') {
      throw invalidArgument(`onRefused must be a function, not ${kindOf(onRefused)}.`)
    }
    this.receiver = new Receiver(inbox.webhook, () => {}, { maxBody: inbox.maxBody })
    this.#inbox = inbox
    this.#url = optionalText(url, 'url')
    this.#onRefused = onRefused
  }

  /** The answer, once the event is durable; what is a mistake of the application is thrown. */
  async receive(request: () => Promise<RawRequest>): Promise<Answer> {
    try {
      const { body, headers, method, target } = await request()
      const url = this.#url === undefined ? undefined : native.publicUrl(this.#url, target ?? '/')
      await this.#inbox.receive(body, headers, { url, method })
      return { status: 200, headers: {}, body: '' }
    } catch (error) {
      if (!(error instanceof HooksealError)) throw error
      return this.#refused(error)
    }
  }

  #refused(error: HooksealError): Answer {
    const { status, retryAfter } = native.refusal(error.code)
    if (error instanceof ConfigError && retryAfter === undefined) throw error
    this.#onRefused?.(error)
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
    return { status, headers, body: JSON.stringify({ code: error.code }) }
  }
}
