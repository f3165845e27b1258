import native = require('../native.js')

/** What the owner of an endpoint is told. */
export type NoticeKind = 'endpoint.disabled' | 'endpoint.failing' | 'delivery.failed' | 'delivery.recovered'

/** Something the owner of an endpoint must be told. */
export interface Notice {
  /** Its place in the order of all notices. */
  seq: number
  kind: NoticeKind
  /** The endpoint's id. */
  endpoint: number
  /** The id of the delivery that caused it. */
  delivery: number
  /** The endpoint's failures in a row at that moment. */
  failures: number
  createdAt: Date
}

/** May be async. */
export type NoticeCallback = (notice: Notice) => unknown

/** @internal */
export function noticeOf(notice: native.Notice): Notice {
  return { ...notice, createdAt: new Date(notice.createdAt) }
}

/** @internal */
export const NOTICE_KINDS: readonly NoticeKind[] = [
  'endpoint.disabled',
  'endpoint.failing',
  'delivery.failed',
  'delivery.recovered',
]
