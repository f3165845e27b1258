// The events of Acme * / ''' /N. Made from its provider file: change that, not this.
import type { TypedEvent, UnlistedEvent } from 'hookseal'

/** Part of OrderPaid. */
export interface OrderPaidBuyerAddress {
  city: string
}

/** Part of OrderPaid. */
export interface OrderPaidBuyer {
  name: string
  vip: unknown
  address: OrderPaidBuyerAddress | null
  email?: string | null
}

/** Part of OrderPaid. */
export interface OrderPaidItems {
  sku: string
  count: number
  price: number
  kind: 'book' | 'pen' | null
  note?: string
}

/** An order was paid: ''' * / {} /u. */
export interface OrderPaid {
  id: number
  type: string
  /** How far it is. */
  status: 'paid' | 'PART_PAID' | 'it\'s "odd"' | 'other'
  price?: number
  self: boolean
  self_: boolean
  'first-name': string
  firstName: string
  class: string
  str: string
  __init: number
  when: unknown
  huge: number
  buyer: OrderPaidBuyer
  items: OrderPaidItems[]
  tags: string[]
  matrix: (number | null)[][]
  mixed: unknown[]
  note?: unknown[]
}

/** An order was paid: ''' * / {} /u. */
export type OrderPaidEvent = TypedEvent<'order.paid', OrderPaid>

/** Its name is that of another. No page of theirs shows its data: what is assumed here may be absent. */
export interface OrderPaid2 {
  late?: boolean
}

/** Its name is that of another. */
export type OrderPaid2Event = TypedEvent<'order_paid', OrderPaid2>

/** Its name is that of another's event. */
export interface OrderPaidEvent2 {}

/** Its name is that of another's event. */
export type OrderPaidEvent2Event = TypedEvent<'order.paid.event', OrderPaidEvent2>

/** Its name is that of all. */
export interface Event2 {
  text: string
}

/** Its name is that of all. */
export type Event2Event = TypedEvent<'event', Event2>

/** Nothing is known of it. */
export type ItSQuoted = unknown

/** Nothing is known of it. */
export type ItSQuotedEvent = TypedEvent<'it\'s "quoted"', ItSQuoted>

/** Its data is a list. */
export type Ids = string[]

/** Its data is a list. */
export type IdsEvent = TypedEvent<'ids', Ids>

/** Its data is a number. */
export type Type42 = number

/** Its data is a number. */
export type Type42Event = TypedEvent<'42', Type42>

/** All of them, and those of types that are not listed here. */
export type Event =
  | OrderPaidEvent
  | OrderPaid2Event
  | OrderPaidEvent2Event
  | Event2Event
  | ItSQuotedEvent
  | IdsEvent
  | Type42Event
  | UnlistedEvent
