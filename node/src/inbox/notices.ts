import { type HooksealError, dressed } from '../errors.js'
import native = require('../native.js')

/** What is told of events: no try is left, or one of those was handled after all. */
export type EventNoticeKind = 'event.failed' | 'event.recovered'

/** An event that could not be handled, or was handled after all. */
export interface EventNotice {
  /** Its place in the order of all notices. */
  seq: number
  kind: EventNoticeKind
  /** The event's id. */
  id: string
  /** The event's type; empty if it has none. */
  type: string
  /** Why the last try failed. */
  error?: HooksealError
  createdAt: Date
}

/** May be async. */
export type EventNoticeCallback = (notice: EventNotice) => unknown

/** @internal */
export function eventNotice(notice: native.EventNotice): EventNotice {
  const error = notice.error && (dressed(notice.error) as HooksealError)
  return { ...notice, error, createdAt: new Date(notice.createdAt) }
}

/** @internal */
export const EVENT_NOTICE_KINDS: readonly EventNoticeKind[] = ['event.failed', 'event.recovered']
