import { optionalText, options as checked, text } from '../check.js'
import native = require('../native.js')
import { json } from '../provider.js'
import { type Instant, optionalMillis } from '../time.js'
import { answered } from './answer.js'
import { id as checkedId } from './arguments.js'

export interface SendOptions {
  /** The event's id; made if not given. The same id again is the first message again. */
  id?: string
  /** Whose event it is: it goes to this tenant's endpoints and to those of none. */
  tenant?: string
  /** When it happened; now if not given. */
  timestamp?: Instant
  /** Ends the waiting; what was aborted may have been stored. */
  signal?: AbortSignal
}

/** A message for `sendMany`. */
export interface NewMessage extends Omit<SendOptions, 'signal'> {
  type: string
  /** Anything that JSON can hold. */
  data: unknown
}

/** A message that is stored, and will be delivered whatever happens to the process. */
export interface Message {
  /** Its number in the store. */
  key: number
  /** The event's id, the same on every delivery. */
  id: string
  type: string
  tenant?: string
  /** When the event happened. */
  timestamp: Date
  /** When it was stored. */
  createdAt: Date
  /** Whether it was sent before: then nothing was stored now. */
  duplicate: boolean
  /** The ids of its deliveries, one for every endpoint that wants it; none for a duplicate. */
  deliveries: number[]
}

/** A message as it is stored. */
export interface StoredMessage {
  /** Its number in the store. */
  key: number
  /** The event's id, the same on every delivery. */
  id: string
  type: string
  tenant?: string
  timestamp: Date
  createdAt: Date
  /** The exact bytes that are delivered, unless they were expunged or too old to be kept. */
  body?: Uint8Array
}

export interface MessageOptions {
  /** Whose message it is: ids are unique within their tenant. */
  tenant?: string
}

/** Messages of a sender: what was sent. */
export class Messages {
  readonly #native: native.Sender

  /** @internal */
  constructor(sender: native.Sender) {
    this.#native = sender
  }

  /**
   * A message by the event's id, or by its number in the store.
   *
   * @throws ConfigError `not_found`
   */
  async get(id: string | number, options?: MessageOptions): Promise<StoredMessage> {
    const { tenant } = checked(options)
    const [name, whose] = [nameOf(id), optionalText(tenant, 'tenant')]
    return dated(await answered(() => this.#native.message(name, whose)))
  }

  /**
   * Deletes what the message says and what receivers answered to it, now, and cancels what is pending. False if
   * its body was gone already.
   *
   * @throws ConfigError `not_found`
   */
  async expunge(id: string | number, options?: MessageOptions): Promise<boolean> {
    const { tenant } = checked(options)
    const [name, whose] = [nameOf(id), optionalText(tenant, 'tenant')]
    return answered(() => this.#native.expunge(name, whose))
  }
}

/** @internal */
export function outgoing(message: NewMessage): native.Outgoing {
  const { type, data, id, tenant, timestamp } = checked(message)
  return {
    type: text(type, 'type'),
    data: json(data),
    id: optionalText(id, 'id'),
    tenant: optionalText(tenant, 'tenant'),
    timestamp: optionalMillis(timestamp, 'timestamp'),
  }
}

/** @internal */
export function dated<M extends { timestamp: number; createdAt: number }>(
  message: M,
): Omit<M, 'timestamp' | 'createdAt'> & { timestamp: Date; createdAt: Date } {
  return { ...message, timestamp: new Date(message.timestamp), createdAt: new Date(message.createdAt) }
}

function nameOf(id: unknown): string | number {
  return typeof id === 'string' ? id : checkedId(id, 'id')
}
