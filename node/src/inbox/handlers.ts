import { kindOf } from '../check.js'
import { invalidArgument } from '../errors.js'
import { Event } from '../event.js'
import native = require('../native.js')
import { seconds } from '../time.js'

/** Which try of an event this is. */
export interface Handling {
  /** Which try, from 1; it begins anew where somebody asked for another one by hand. */
  number: number
  /** The same for every try of this event, and another for every other event: for what the handler does elsewhere. */
  idempotencyKey: string
  /** When the event was received first. */
  receivedAt: Date
  /** Aborted when the handler's time is over, and when the inbox was closed. */
  signal: AbortSignal
}

/** Handles an event; it may be async. Whatever it throws is a failed try. */
export type EventHandler<Data = any> = (event: Event<Data>, handling: Handling) => unknown

/** Thrown by a handler: the event is to be tried again after this many seconds; the policy says how often. */
export class RetryIn extends Error {
  readonly delay: number

  constructor(delay: number, reason = `The handler asked for another try in ${delay} s.`) {
    super(reason)
    this.delay = seconds(delay, 'delay')
  }

  static {
    this.prototype.name = 'RetryIn'
  }
}

/** Thrown by a handler: the event is not to be handled, and ends as discarded. */
export class Discard extends Error {
  static {
    this.prototype.name = 'Discard'
  }
}

/** @internal Runs handlers, each until its time is over. */
export class Runner {
  readonly #timeout: number
  readonly #running = new Set<AbortController>()

  /** `timeout` is in seconds. */
  constructor(timeout: number) {
    this.#timeout = timeout * 1000 + MARGIN
  }

  /** What begins a handler, for the addon. */
  prepared(handler: EventHandler): (handling: native.Handling) => void {
    if (typeof handler !== 'function') {
      throw invalidArgument(`A handler must be a function, not ${kindOf(handler)}.`)
    }
    return (handling) => void this.#run(handler, handling)
  }

  /** Tells the handlers that still run that nobody waits for them any more. */
  end(): void {
    for (const running of this.#running)
      running.abort(new DOMException('The inbox was closed.', 'AbortError'))
  }

  async #run(handler: EventHandler, handling: native.Handling): Promise<void> {
    const controller = new AbortController()
    const late = () => controller.abort(new DOMException('The time of the handler is over.', 'TimeoutError'))
    const timer = setTimeout(late, this.#timeout).unref()
    this.#running.add(controller)
    const event = Event.composed(handling.event())
    const number = handling.number()
    try {
      await handler(event, {
        number,
        idempotencyKey: handling.idempotencyKey(),
        receivedAt: new Date(handling.receivedAt()),
        signal: controller.signal,
      })
      handling.succeeded()
    } catch (error) {
      settle(handling, error)
      if (!(error instanceof RetryIn || error instanceof Discard)) warn(event, number, error)
    } finally {
      clearTimeout(timer)
      this.#running.delete(controller)
    }
  }
}

function settle(handling: native.Handling, error: unknown): void {
  if (error instanceof RetryIn) handling.retryIn(error.delay, error.message)
  else if (error instanceof Discard) handling.discarded(error.message)
  else handling.failed(said(error))
}

/** Anything can be thrown, also what cannot be made a string. */
function said(error: unknown): string {
  try {
    return String(error)
  } catch {
    return `The handler threw ${kindOf(error)}.`
  }
}

function warn(event: Event, number: number, error: unknown): void {
  const detail = error instanceof Error && typeof error.stack === 'string' ? error.stack : said(error)
  process.emitWarning(`The handler of ${event.type} ${event.id} failed in try ${number}.`, {
    type: 'HooksealWarning',
    code: 'handler_failed',
    detail,
  })
}

/** In milliseconds: the core has recorded the timeout by then, so that it is known as one. */
const MARGIN = 100
